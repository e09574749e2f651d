#include "thimble/graph/packed_filter.h"

#include <algorithm>
#include <cstring>

#include "thimble/graph/parameters.h"

namespace thimble {
namespace {

constexpr std::int32_t kMostShift = 22;
constexpr std::int32_t kMostLeftShift = 6;  // weights of 8 bits, doubled, stay halfwords
constexpr std::int64_t kMostPairSum = std::int64_t{1} << 23;
constexpr std::int64_t kMostSum = std::int64_t{1} << 29;

bool is_strips(FilterPacking packing) {
  return packing == FilterPacking::strips || packing == FilterPacking::strips_down;
}

/// Weights [outputs, inputs of an output] and the bias, with the input's zero point in it.
struct Filter {
  std::int32_t outputs = 0, depth = 0, rows = 1;
  bool one_scale = false;  ///< for all channels
  std::vector<std::int8_t> weights;
  std::vector<std::int64_t> bias;
  FilterParameters parameters;

  std::int32_t weight(std::int32_t output, std::int32_t k) const {
    if (output >= outputs || k >= depth) return 0;
    return weights[static_cast<std::size_t>(output) * static_cast<std::size_t>(depth) +
                   static_cast<std::size_t>(k)];
  }
  /// Inputs of a filter row, rounded up to a multiple of 4, and the weight of one of them.
  std::int32_t row_depth() const { return (depth / rows + 3) / 4 * 4; }
  std::int32_t padded_weight(std::int32_t output, std::int32_t k) const {
    const std::int32_t in_row = k % row_depth();
    return in_row < depth / rows ? weight(output, k / row_depth() * (depth / rows) + in_row) : 0;
  }
  std::int64_t start(std::int32_t output) const {
    return output < outputs ? bias[static_cast<std::size_t>(output)] : 0;
  }
  /// Largest absolute value of a sum, or of one that lacks some products.
  std::int64_t most(std::int32_t output) const {
    std::int64_t most = std::abs(start(output));
    for (std::int32_t k = 0; k < depth; ++k) most += std::abs(weight(output, k)) * std::int64_t{128};
    return most;
  }
  /// Where a channel has one of its own, the multiplier is 0 if no sum is as much as half a step of the
  /// output.
  QuantizedMultiplier scale(std::int32_t output) const {
    const QuantizedMultiplier own = parameters.multiplier(std::min(output, outputs - 1));
    if (own.multiplier == 0) return {0, -1};
    if (one_scale || own.shift >= 0 || own.shift < -31) return own;
    // Scales may be negative.
    const std::int64_t multiplier = std::abs(std::int64_t{own.multiplier});
    const std::int64_t steps = (most(std::min(output, outputs - 1)) * multiplier >> 31) + 1;
    return steps < std::int64_t{1} << (-own.shift - 1) ? QuantizedMultiplier{0, -1} : own;
  }
  /// Sums and weights are shifted to the left for scales of 1 and more.
  std::int32_t left_shift(std::int32_t output) const { return std::max(scale(output).shift, 0); }
};

/// Filter rows of a convolution; a row of features is one.
std::int32_t filter_rows(const Graph &graph, const Op &op) {
  return op.is<Conv2D>() ? graph.tensor(op.inputs[1]).shape[1] : 1;
}

Filter filter_of(const Graph &graph, const Op &op) {
  const Tensor &weights = graph.tensor(op.inputs[1]);
  const auto *data = reinterpret_cast<const std::int8_t *>(weights.data->data());
  const bool depthwise = op.is<DepthwiseConv2D>();
  Filter filter;
  filter.outputs = depthwise ? weights.shape.back() : weights.shape[0];
  filter.depth = static_cast<std::int32_t>(weights.elements() / filter.outputs);
  filter.rows = filter_rows(graph, op);
  filter.parameters = filter_parameters(graph, op);
  filter.one_scale = weights.quantization.scales.size() == 1;
  const TensorId bias = bias_of(op);
  for (std::int32_t o = 0; o < filter.outputs; ++o) {
    std::int32_t own = 0;
    if (bias != kNone) std::memcpy(&own, graph.tensor(bias).data->data() + std::size_t{4} * o, sizeof own);
    std::int64_t sum = own;
    for (std::int32_t k = 0; k < filter.depth; ++k) {
      const std::int64_t at =
          depthwise ? std::int64_t{k} * filter.outputs + o : std::int64_t{o} * filter.depth + k;
      filter.weights.push_back(data[at]);
      sum += std::int64_t{filter.parameters.input_offset} * data[at];
    }
    filter.bias.push_back(sum);
  }
  return filter;
}

bool is_int8(const Graph &graph, TensorId id) {
  return graph.tensor(id).type == ElementType::int8;
}

bool has_constant_filter(const Graph &graph, const Op &op) {
  if (!op.is<Conv2D>() && !op.is<FullyConnected>() && !op.is<DepthwiseConv2D>()) return false;
  const Tensor &weights = graph.tensor(op.inputs[1]);
  if (!is_int8(graph, op.inputs[0]) || !is_int8(graph, op.output()) || !is_int8(graph, op.inputs[1]) ||
      !weights.constant() || weights.elements() == 0)
    return false;
  if (bias_of(op) != kNone) {
    const Tensor &bias = graph.tensor(bias_of(op));
    if (!bias.constant() || bias.type != ElementType::int32) return false;
  }
  if (!op.is<Conv2D>()) return true;
  const Conv2D &conv = op.as<Conv2D>();
  return weights.shape[3] == graph.tensor(op.inputs[0]).shape[3] &&
         (conv.dilation.columns == 1 || weights.shape[2] == 1);
}

/// Kinds other than `relu` add the sign of the sum in the second rounding: without a shift to the right there
/// is none, and a negative scale turns the sign. Weights that share halfwords cannot be shifted each on its
/// own.
bool scales_fit(const Filter &filter, FilterPacking packing, ScaleKind kind) {
  const std::int32_t most = kind != ScaleKind::relu ? -1 : is_wide(packing) ? kMostLeftShift : 0;
  for (std::int32_t o = 0; o < filter.outputs; ++o) {
    const QuantizedMultiplier scale = filter.scale(o);
    if (scale.multiplier == 0) continue;  // every shift will do
    if (scale.shift > most || scale.shift < -kMostShift) return false;
    if (kind != ScaleKind::relu && scale.multiplier < 0) return false;
  }
  return true;
}

/// Two channels' weights as one signed halfword.
bool is_halfword(std::int32_t low, std::int32_t high) {
  const std::int32_t both = 256 * high + low;
  return both >= -32768 && both <= 32767;
}

bool has_rows(FilterPacking packing) {
  return packing == FilterPacking::rows || packing == FilterPacking::wide_rows;
}

/// Where kernels write four channels whatever comes, those of the last group are the last four.
bool has_last_four(FilterPacking packing) {
  return is_depthwise(packing) || has_rows(packing);
}

/// The first channel of a group that begins at `group` where all are whole.
std::int32_t first_channel(const Filter &filter, FilterPacking packing, std::int32_t group) {
  return has_last_four(packing) ? std::min(group, filter.outputs - group_channels(packing)) : group;
}

bool sums_fit(const Filter &filter, FilterPacking packing) {
  for (std::int32_t group = 0; group < filter.outputs; group += group_channels(packing)) {
    const std::int32_t first = first_channel(filter, packing, group);
    const std::int32_t end = std::min(first + group_channels(packing), filter.outputs);
    for (std::int32_t o = first; o < end; ++o) {
      const bool shifted = !is_wide(packing) && (o - first) % 2 == 1;
      if (filter.most(o) << filter.left_shift(o) >= (shifted ? kMostPairSum : kMostSum)) return false;
      if (!shifted) continue;
      for (std::int32_t k = 0; k < filter.depth; ++k) {
        if (!is_halfword(filter.weight(o - 1, k), filter.weight(o, k))) return false;
      }
    }
  }
  return true;
}

std::int32_t word_of(std::int32_t low, std::int32_t high) {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(high) << 16) |
                                   (static_cast<std::uint32_t>(low) & 0xFFFFu));
}

std::int32_t wrapped(std::int64_t value) {
  return static_cast<std::int32_t>(static_cast<std::uint64_t>(value));
}

/// Multiplier, addend and shift of a channel.
void add_scale(std::vector<std::int32_t> &words, const Filter &filter, std::int32_t output) {
  const QuantizedMultiplier scale = filter.scale(output);
  const std::int32_t right = scale.multiplier == 0 ? 1 : std::max(-scale.shift, 0);
  words.push_back(scale.multiplier);
  words.push_back((1 << right) / 2 + filter.parameters.output_offset * (1 << right));
  words.push_back(right);
}

}  // namespace

std::vector<std::int32_t> folded_bias(const Graph &graph, const Op &op) {
  std::vector<std::int32_t> folded;
  for (const std::int64_t bias : filter_of(graph, op).bias) folded.push_back(wrapped(bias));
  return folded;
}

bool is_depthwise(FilterPacking packing) {
  return packing == FilterPacking::taps || is_strips(packing);
}

std::int32_t group_channels(FilterPacking packing) {
  return packing == FilterPacking::octets || packing == FilterPacking::wide_octets ? 8 : 4;
}

bool is_wide(FilterPacking packing) {
  return packing != FilterPacking::octets && packing != FilterPacking::quads &&
         packing != FilterPacking::rows;
}

namespace {

/// Inputs of a filter row.
std::int32_t row_inputs(const Graph &graph, const Op &op) {
  const Tensor &weights = graph.tensor(op.inputs[1]);
  return static_cast<std::int32_t>(weights.elements() / weights.shape[0] / filter_rows(graph, op));
}

}  // namespace

std::int32_t packed_row_depth(const Graph &graph, const Op &op) {
  return (row_inputs(graph, op) + 3) / 4 * 4;
}

std::int32_t packed_row_pairs(const Graph &graph, const Op &op) {
  return (row_inputs(graph, op) + 1) / 2;
}

std::int32_t packed_depth(const Graph &graph, const Op &op) {
  return filter_rows(graph, op) * packed_row_depth(graph, op);
}

std::int32_t packed_depth(const Graph &graph, const Op &op, FilterPacking packing) {
  return has_rows(packing) ? 2 * filter_rows(graph, op) * packed_row_pairs(graph, op)
                           : packed_depth(graph, op);
}

bool can_pack(const Graph &graph, const Op &op, FilterPacking packing) {
  if (op.is<DepthwiseConv2D>() != is_depthwise(packing)) return false;
  if (is_strips(packing) && op.as<DepthwiseConv2D>().depth_multiplier != 1) return false;
  if (!has_constant_filter(graph, op)) return false;
  const Filter filter = filter_of(graph, op);
  if (has_last_four(packing) && filter.outputs < 4) return false;
  return scales_fit(filter, packing, scale_kind(graph, op, packing)) && sums_fit(filter, packing);
}

namespace {

/// The weights of two inputs of all channels of a group: places in filter rows that are filled up.
void add_inputs(std::vector<std::int32_t> &words, const Filter &filter, FilterPacking packing,
                std::int32_t first, std::int32_t low, std::int32_t high) {
  const bool wide = is_wide(packing);
  for (std::int32_t c = first; c < first + group_channels(packing); c += wide ? 1 : 2) {
    const auto halfword = [&](std::int32_t at) {
      return wide ? filter.padded_weight(c, at) * (2 << filter.left_shift(c))
                  : 256 * filter.padded_weight(c + 1, at) + filter.padded_weight(c, at);
    };
    words.push_back(word_of(halfword(low), halfword(high)));
  }
}

/// Weights of dense layers and convolutions: fours of inputs, a word holds the first and the third or the
/// second and the fourth.
void add_fours(std::vector<std::int32_t> &words, const Filter &filter, FilterPacking packing,
               std::int32_t first) {
  const std::int32_t depth = filter.rows * filter.row_depth();
  for (std::int32_t four = 0; four < depth; four += 4) {
    for (std::int32_t k = four; k < four + 2; ++k) add_inputs(words, filter, packing, first, k, k + 2);
  }
}

/// Two neighbouring inputs of each filter row in turn.
void add_rows(std::vector<std::int32_t> &words, const Filter &filter, FilterPacking packing,
              std::int32_t first) {
  for (std::int32_t k = 0; k < filter.depth / filter.rows; k += 2) {
    for (std::int32_t row = 0; row < filter.rows; ++row) {
      const std::int32_t at = row * filter.row_depth() + k;
      add_inputs(words, filter, packing, first, at, at + 1);
    }
  }
}

/// Depthwise: two taps of each channel, and a last one.
void add_taps(std::vector<std::int32_t> &words, const Filter &filter, std::int32_t first) {
  const auto doubled = [&](std::int32_t c, std::int32_t tap) {
    return filter.weight(first + c, tap) * (2 << filter.left_shift(first + c));
  };
  std::int32_t tap = 0;
  for (; tap + 2 <= filter.depth; tap += 2) {
    for (std::int32_t c = 0; c < 4; ++c) words.push_back(word_of(doubled(c, tap), doubled(c, tap + 1)));
  }
  if (tap == filter.depth) return;
  words.push_back(word_of(doubled(0, tap), doubled(2, tap)));
  words.push_back(word_of(doubled(1, tap), doubled(3, tap)));
}

/// Depthwise 3x3: what belongs to a channel stands together.
void add_strips(std::vector<std::int32_t> &words, const Filter &filter, std::int32_t first, bool down) {
  const std::int32_t along = down ? 3 : 1, across = down ? 1 : 3;
  for (std::int32_t c = first; c < first + 4; ++c) {
    words.push_back(wrapped(filter.start(c) * (2 << filter.left_shift(c))));
    add_scale(words, filter, c);
    for (std::int32_t row = 0; row < 3; ++row) {
      const auto doubled = [&](std::int32_t column) {
        return filter.weight(c, row * across + column * along) * (2 << filter.left_shift(c));
      };
      words.push_back(word_of(doubled(0), doubled(1)));
      words.push_back(word_of(doubled(1), doubled(2)));
    }
  }
}

/// The sums of a group before the first product.
void add_starts(std::vector<std::int32_t> &words, const Filter &filter, FilterPacking packing,
                std::int32_t first) {
  for (std::int32_t c = first; c < first + group_channels(packing); ++c) {
    if (is_wide(packing)) {
      words.push_back(wrapped(filter.start(c) * (2 << filter.left_shift(c))));
    } else {
      words.push_back(
          wrapped((c - first) % 2 == 0 ? filter.start(c) : 256 * filter.start(c) + filter.start(c - 1)));
    }
  }
}

}  // namespace

ScaleKind scale_kind(const Graph &graph, const Op &op, FilterPacking packing) {
  const bool one_scale = graph.tensor(op.inputs[1]).quantization.scales.size() == 1;
  if (one_scale && !is_strips(packing)) return ScaleKind::common;
  // What is below the zero point ends at the least output.
  const FilterParameters parameters = filter_parameters(graph, op);
  return parameters.output_offset <= parameters.activation.min ? ScaleKind::relu : ScaleKind::any;
}

PackedFilter pack_filter(const Graph &graph, const Op &op, FilterPacking packing) {
  const Filter filter = filter_of(graph, op);
  const std::int32_t channels = group_channels(packing);
  PackedFilter packed;
  packed.kind = scale_kind(graph, op, packing);
  std::vector<std::int32_t> &words = packed.words;
  for (std::int32_t group = 0; group < filter.outputs; group += channels) {
    const bool taps = packing == FilterPacking::taps;
    const std::int32_t first = first_channel(filter, packing, group);
    if (is_strips(packing)) {
      add_strips(words, filter, first, packing == FilterPacking::strips_down);
      continue;
    }
    add_starts(words, filter, packing, first);
    if (taps) {
      add_taps(words, filter, first);
    } else if (has_rows(packing)) {
      add_rows(words, filter, packing, first);
    } else {
      add_fours(words, filter, packing, first);
    }
    const std::int32_t scales = packed.kind == ScaleKind::common ? 1 : channels;
    for (std::int32_t c = first; c < first + scales; ++c)
      add_scale(words, filter, std::min(c, filter.outputs - 1));
  }
  const std::int32_t groups = (filter.outputs + channels - 1) / channels;
  packed.group_words = static_cast<std::int32_t>(words.size()) / groups;
  return packed;
}

}  // namespace thimble
