#include "thimble/emit/ops/dense.h"

#include <algorithm>

#include "thimble/emit/ops/packed.h"

namespace thimble::emitters {
namespace {

constexpr const char *kHeader = "thimble_fully_connected.h";

/// Whether the features of every firing, from the first to the last index of their first axis, lie one after
/// the other.
bool is_contiguous(const OpEmission &emission, const DenseRows &rows) {
  const Layout &layout = rows.x.layout;
  const std::size_t first = rows.feature_axis;
  const std::size_t rank = layout.shape.size();
  if (layout.fifo_pixels > 0) {
    return first + 1 == rank || layout.fifo_pixels == element_count(layout.shape) / layout.shape[rank - 1];
  }
  for (std::size_t a = first + 1; a < rank; ++a) {
    if (layout.fold[a] != layout.shape[a]) return false;
  }
  const std::int32_t fold = layout.fold[first];
  return std::all_of(emission.facts().parts.begin(), emission.facts().parts.end(),
                     [&](const Range &part) { return part.begin % fold + part.size() <= fold; });
}

/// Whether the kernel for Helium makes one row after the other, not four outputs of all rows:
/// thimble_mve_dense_s8.
bool goes_row_by_row(const OpEmission &emission, std::int32_t depth) {
  constexpr std::int32_t kMostDepth = 32;
  constexpr std::int64_t kMostRows = 4;
  const std::vector<Region> &tiles = emission.facts().tiles;
  return depth > kMostDepth || std::all_of(tiles.begin(), tiles.end(), [&](const Region &tile) {
           const std::size_t last = emission.output().shape.size() - 1;
           std::int64_t rows = 1;
           for (std::size_t a = 0; a < last; ++a) rows *= tile.axis[a].size();
           return rows <= kMostRows;
         });
}

}  // namespace

Result<void> emit_dense(OpEmission &emission, const DenseRows &rows) {
  const Shape &shape = emission.output().shape;
  const std::size_t last = shape.size() - 1;
  const std::string ending = suffix_of(emission.output().type);
  const bool partial = emission.sums_in_parts();
  const Shape &from = rows.x.layout.shape;
  const std::int32_t depth = emission.input(1).shape.back();
  const std::int32_t extent = from[rows.feature_axis];
  const std::int32_t unit = depth / extent;  // features of one index

  const bool split = channels_wrap(emission, emission.destination_layout()) ||
                     (partial && channels_wrap(emission, emission.sums_layout()));
  if (split) emission.split_channels();
  if (!is_contiguous(emission, rows)) {
    if (!partial)
      return emission.refuse("reads features that do not lie one after the other, which its kernel cannot");
    emission.split_part();
  }
  if (!emission.input(1).constant() && !emission.source_layout(1).is_whole())
    return emission.refuse("takes weights that are not in one place, which its kernel cannot");
  const FiringText &firing = emission.firing();
  std::vector<BoxAxis> box = emission.box();
  box.pop_back();
  std::vector<Access> arrays{rows.x, emission.output_access()};
  if (partial) arrays.push_back(Access::same(emission.sums(), emission.sums_layout()));
  for (std::size_t i = 1; i < arrays.size(); ++i) {
    arrays[i].index[last] = {};
    arrays[i].index[last].fixed = firing.begin[last];
  }
  arrays[0].index[rows.feature_axis] = {};
  arrays[0].index[rows.feature_axis].fixed = partial ? firing.part_begin : number(0);
  CodeLines &code = emission.code();
  const Run run = find_firing_run(emission, box, arrays, [](const auto &) { return true; });

  const bool packed = emission.variant().packing.has_value();
  Fields fields;
  fields.set("depth", depth).set("input_step", run.steps[0]).set("output_step", run.steps[1]);
  if (packed) {
    set_packed_fields(emission, fields);
  } else {
    set_filter_fields(emission, fields, true);
  }
  const std::string parameters = emission.parameters(
      "thimble_fully_connected_" + (packed ? "pairs_" : std::string()) + ending + "_params", fields);
  if (partial) {
    code.line("const thimble_dense_part dense = {" + (firing.part_begin * number(unit)).text + ", " +
              (firing.part_end * number(unit)).text + ", " + emission.is_first() + ", " +
              emission.is_last(extent) + ", " + c_text::number(run.steps[2]) + ", " +
              c_text::number(emission.sums_layout().element_size) + "};");
  }
  const bool known = !packed && goes_row_by_row(emission, depth) && is_known_layer(emission);
  const std::string outputs = known ? known_rows(emission, "bias", 1) : "";
  emit_runs(code, box, arrays, run, [&](const Term &count, const std::vector<std::string> &at) {
    if (partial) {
      emission.call(kHeader,
                    "thimble_fully_connected_" + (packed ? packed_name(emission) : "part") + "_" + ending,
                    {parameters, "&dense", count.text, firing.begin[last].text, firing.end[last].text, at[0],
                     at[2], at[1]});
    } else if (packed) {
      emission.call(kHeader, "thimble_fully_connected_" + packed_name(emission) + "_s8",
                    {parameters, count.text, firing.begin[last].text, firing.end[last].text, at[0], at[1],
                     emission.scratch()});
    } else if (!emission.input(1).constant()) {
      emission.need_kernel("thimble_fully_connected_" + ending);
      emission.call(kHeader, "thimble_fully_connected_computed_" + ending,
                    {parameters, count.text, firing.begin[last].text, firing.end[last].text, at[0],
                     emission.source(1), at[1]});
    } else if (known) {
      emission.need_kernel("thimble_fully_connected_s8");
      emission.call(kHeader, "thimble_fully_connected_known_s8",
                    {parameters, outputs, count.text, at[0], at[1]});
    } else {
      emission.call(kHeader, "thimble_fully_connected_" + ending,
                    {parameters, count.text, firing.begin[last].text, firing.end[last].text, at[0], at[1]});
    }
  });
  return {};
}

}  // namespace thimble::emitters
