#include "thimble/schedule/variant.h"

#include <algorithm>
#include <array>

#include "thimble/graph/lstm.h"
#include "thimble/schedule/running_window.h"

namespace thimble {
namespace {

std::int64_t no_scratch(const Graph &, const Op &, const Region &) {
  return 0;
}

/// The portable kernels: no working memory, and partial sums wherever the footprint has a reduction.
constexpr KernelVariant kReference{"reference", no_scratch, true};
constexpr std::array<KernelVariant, 1> kReferenceOnly{kReference};

constexpr std::int64_t kRunBytes = 12;  // a thimble_octet_run

std::int64_t octets_scratch(const Graph &graph, const Op &op, const Region &) {
  if (!has_whole_fours(graph, op)) return packed_depth(graph, op);
  if (is_dense(graph, op)) return 0;
  const Shape &filter = graph.tensor(op.inputs[1]).shape;
  // A filter row may go on at the beginning of memory, and begin or end outside the map. One that does both
  // has the whole row of a narrow map in between: only a FIFO cuts it, and that goes on but once.
  const std::int64_t pieces = op.as<Conv2D>().padding == Padding2D{} ? 2 : 3;
  const std::int64_t cut = graph.tensor(op.inputs[0]).shape[2] + 2 <= filter[2] ? 1 : 0;
  return kRunBytes * (pieces * filter[1] + cut + 1);
}

std::int64_t singles_scratch(const Graph &graph, const Op &op, const Region &) {
  const std::int64_t depth = packed_depth(graph, op);
  return (is_dense(graph, op) || has_whole_fours(graph, op) ? 2 : 3) * depth;
}

std::int64_t quads_scratch(const Graph &graph, const Op &op, const Region &) {
  const std::int64_t depth = packed_depth(graph, op);
  return (is_dense(graph, op) || has_whole_fours(graph, op) ? 4 : 5) * depth;
}

std::int64_t taps_scratch(const Graph &graph, const Op &op, const Region &) {
  const Tensor &weights = graph.tensor(op.inputs[1]);
  return std::int64_t{4} * weights.shape[1] * weights.shape[2];
}

/// Dense layers, a part of their inputs at a time.
template <FilterPacking packing>
bool can_be_slices(const Graph &graph, const Op &op) {
  return is_dense(graph, op) && can_pack(graph, op, packing);
}

std::int64_t spread_scratch(const Graph &graph, const Op &op, const Region &tile) {
  const Tensor &weights = graph.tensor(op.inputs[1]);
  const std::int64_t pixel = (weights.shape[3] + 3) / 4 * 4;
  return taps_scratch(graph, op, tile) + pixel * weights.shape[1] * weights.shape[2];
}

template <FilterPacking packing>
bool can_be_packed(const Graph &graph, const Op &op) {
  return can_pack(graph, op, packing);
}

template <std::int32_t strip, bool down>
std::int64_t strips_scratch(const Graph &graph, const Op &op, const Region &) {
  const KernelVariant variant{"", nullptr, false, {}, strip, nullptr, 1, false, down};
  const std::int32_t outputs = strip_outputs(variant, graph.tensor(op.output()));
  return std::int64_t{4} * 4 * strip_plane_words(variant, op, outputs);
}

template <bool down>
bool can_be_strips(const Graph &graph, const Op &op) {
  const DepthwiseConv2D &conv = op.as<DepthwiseConv2D>();
  const Tensor &weights = graph.tensor(op.inputs[1]);
  const std::int32_t stride = down ? conv.stride.rows : conv.stride.columns;
  const std::int32_t dilation = down ? conv.dilation.rows : conv.dilation.columns;
  return weights.shape[1] == 3 && weights.shape[2] == 3 && dilation == 1 && stride <= 2 &&
         can_pack(graph, op, FilterPacking::strips);
}

std::int32_t outputs_of_rows(std::int32_t strip, const Tensor &output) {
  return std::min(strip, output.shape[2] / 2 * 2);
}

/// Each word of a filter row stands there for two pixels.
std::int64_t rows_bytes(const Graph &graph, const Op &op, std::int32_t strip) {
  const std::int32_t outputs = outputs_of_rows(strip, graph.tensor(op.output()));
  const std::int64_t words = row_strip_words(graph, op, outputs);
  // What only first or only second pixels read is written for both.
  const std::int64_t written =
      shares_row_words(graph, op, outputs) ? words + row_strip_step(graph, op) : words;
  return 8 * written * graph.tensor(op.inputs[1]).shape[1];
}

template <std::int32_t strip>
std::int64_t rows_scratch(const Graph &graph, const Op &op, const Region &) {
  return rows_bytes(graph, op, strip);
}

/// Wide weights save what ends a group; where that has many inputs, they rather cost cycles.
constexpr std::int32_t kMostWideRows = 64;

template <FilterPacking packing>
bool can_be_rows(const Graph &graph, const Op &op) {
  const Tensor &weights = graph.tensor(op.inputs[1]);
  return weights.shape[1] * weights.shape[2] > 1 && graph.tensor(op.output()).shape[2] >= 2 &&
         (!is_wide(packing) || packed_depth(graph, op, packing) <= kMostWideRows) &&
         can_pack(graph, op, packing);
}

bool can_be_taps(const Graph &graph, const Op &op) {
  return op.as<DepthwiseConv2D>().depth_multiplier == 1 && can_pack(graph, op, FilterPacking::taps);
}

bool can_be_spread(const Graph &graph, const Op &op) {
  return op.as<DepthwiseConv2D>().depth_multiplier > 1 && can_pack(graph, op, FilterPacking::taps);
}

/// The outputs of the step before, where there are several steps.
std::int64_t lstm_scratch(const Graph &graph, const Op &op, const Region &) {
  const Tensor &hidden = graph.tensor(op.inputs[kLstmHidden]);
  const std::int32_t steps = graph.tensor(op.inputs[0]).shape[op.as<LstmCells>().time_major ? 0 : 1];
  return steps > 1 ? std::int64_t{hidden.shape[1]} * size_of(hidden.type) : 0;
}
constexpr std::array<KernelVariant, 1> kLstm{{{"reference", lstm_scratch, false}}};

/// A sum for each output, and whether there are some.
std::int64_t running_scratch(const Graph &graph, const Op &op, const Region &) {
  return std::int64_t{4} * (running_window(graph, op)->sums + 1);
}
bool can_run(const Graph &graph, const Op &op) {
  return running_window(graph, op).has_value();
}
constexpr std::array<KernelVariant, 2> kMeans{{
    kReference,
    {.name = "running sums",
     .scratch_bytes = running_scratch,
     .partial_reduction = false,
     .applies = can_run,
     .remembers = true},
}};

using enum FilterPacking;

/// Kernels that multiply pairs, from packed weights.
constexpr std::array<KernelVariant, 19> kFilters{{
    kReference,
    {"octets", octets_scratch, false, octets, 0, can_be_packed<octets>},
    {"wide octets", octets_scratch, false, wide_octets, 0, can_be_packed<wide_octets>},
    {"singles", singles_scratch, false, quads, 0, can_be_packed<quads>},
    {"wide singles", singles_scratch, false, wide_quads, 0, can_be_packed<wide_quads>},
    {"quads", quads_scratch, false, quads, 0, can_be_packed<quads>, 2},
    {"wide quads", quads_scratch, false, wide_quads, 0, can_be_packed<wide_quads>, 2},
    {"slices", no_scratch, true, quads, 0, can_be_slices<quads>},
    {"wide slices", no_scratch, true, wide_quads, 0, can_be_slices<wide_quads>},
    // Of convolutions alone.
    {"rows of 2", rows_scratch<2>, false, rows, 2, can_be_rows<rows>, 2},
    {"rows of 4", rows_scratch<4>, false, rows, 4, can_be_rows<rows>, 2},
    {"rows of 8", rows_scratch<8>, false, rows, 8, can_be_rows<rows>, 2},
    {"rows of 16", rows_scratch<16>, false, rows, 16, can_be_rows<rows>, 2},
    {"rows of 64", rows_scratch<64>, false, rows, 64, can_be_rows<rows>, 2},
    {"wide rows of 2", rows_scratch<2>, false, wide_rows, 2, can_be_rows<wide_rows>, 2},
    {"wide rows of 4", rows_scratch<4>, false, wide_rows, 4, can_be_rows<wide_rows>, 2},
    {"wide rows of 8", rows_scratch<8>, false, wide_rows, 8, can_be_rows<wide_rows>, 2},
    {"wide rows of 16", rows_scratch<16>, false, wide_rows, 16, can_be_rows<wide_rows>, 2},
    {"wide rows of 64", rows_scratch<64>, false, wide_rows, 64, can_be_rows<wide_rows>, 2},
}};
constexpr std::size_t kDenseFilters = 9;
template <std::int32_t outputs>
constexpr KernelVariant strips_down_of(const char *name) {
  return {.name = name,
          .scratch_bytes = strips_scratch<outputs, true>,
          .partial_reduction = false,
          .packing = strips_down,
          .strip = outputs,
          .applies = can_be_strips<true>,
          .down = true};
}
constexpr std::array<KernelVariant, 9> kDepthwise{{
    kReference,
    {"strips of 8", strips_scratch<8, false>, false, strips, 8, can_be_strips<false>},
    {"strips of 16", strips_scratch<16, false>, false, strips, 16, can_be_strips<false>},
    {"strips of 32", strips_scratch<32, false>, false, strips, 32, can_be_strips<false>},
    {"strips of 64", strips_scratch<64, false>, false, strips, 64, can_be_strips<false>},
    strips_down_of<16>("strips down of 16"),
    strips_down_of<64>("strips down of 64"),
    {"taps", taps_scratch, false, taps, 0, can_be_taps},
    {"spread taps", spread_scratch, false, taps, 0, can_be_spread, 1, true},
}};

}  // namespace

bool is_dense(const Graph &graph, const Op &op) {
  if (op.is<FullyConnected>()) return true;
  if (!op.is<Conv2D>()) return false;
  const Conv2D &conv = op.as<Conv2D>();
  const Tensor &weights = graph.tensor(op.inputs[1]);
  return weights.shape[1] == 1 && weights.shape[2] == 1 &&
         weights.shape[3] == graph.tensor(op.inputs[0]).shape[3] && conv.stride == Step2D{} &&
         conv.padding == Padding2D{};
}

bool has_whole_fours(const Graph &graph, const Op &op) {
  return graph.tensor(op.inputs[1]).shape.back() % 4 == 0;
}

std::int32_t strip_outputs(const KernelVariant &variant, const Tensor &output) {
  return std::min(variant.strip, output.shape[variant.down ? 1 : 2]);
}

std::int32_t strip_plane_words(const KernelVariant &variant, const Op &op, std::int32_t outputs) {
  const Step2D stride = op.as<DepthwiseConv2D>().stride;
  // Outputs are made by twos, and reach two columns further than their own.
  return 3 * ((outputs + 1) / 2 * (variant.down ? stride.rows : stride.columns) + 1);
}

std::int32_t row_strip_outputs(const KernelVariant &variant, const Tensor &output) {
  return outputs_of_rows(variant.strip, output);
}

std::int32_t row_strip_step(const Graph &graph, const Op &op) {
  return op.as<Conv2D>().stride.columns * graph.tensor(op.inputs[0]).shape[3];
}

bool shares_row_words(const Graph &graph, const Op &op, std::int32_t outputs) {
  return outputs > 2 && row_strip_step(graph, op) % 2 == 0;
}

std::int32_t row_strip_words(const Graph &graph, const Op &op, std::int32_t outputs) {
  return (outputs - 2) / 2 * row_strip_step(graph, op) + packed_row_pairs(graph, op);
}

std::string_view kernel_code(const KernelVariant &variant) {
  std::string_view name = variant.name;
  constexpr std::string_view kWide = "wide ";
  if (name.starts_with(kWide)) name.remove_prefix(kWide.size());
  return name.substr(0, name.find(' '));  // strips of any length
}

std::span<const KernelVariant> kernel_variants(const Op &op) {
  if (op.is<Conv2D>()) return kFilters;
  if (op.is<FullyConnected>()) return std::span(kFilters).first(kDenseFilters);
  if (op.is<DepthwiseConv2D>()) return kDepthwise;
  if (op.is<LstmCells>()) return kLstm;
  if (op.is<Mean>() || op.is<AveragePool2D>()) return kMeans;
  return kReferenceOnly;
}

ElementType accumulator_type(const Graph &graph, const Op &op) {
  switch (graph.tensor(op.output()).type) {
    case ElementType::float32:
      return ElementType::float32;
    case ElementType::int16:
      return ElementType::int64;
    default:
      return ElementType::int32;
  }
}

}  // namespace thimble
