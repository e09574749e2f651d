#include "thimble/emit/ops/dense.h"

#include <algorithm>

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
  return std::all_of(emission.firing().facts.parts.begin(), emission.firing().facts.parts.end(),
                     [&](const Range &part) { return part.begin % fold + part.size() <= fold; });
}

bool wraps(const std::vector<Region> &tiles, std::size_t axis, const Layout &layout) {
  const std::int32_t fold = layout.fifo_pixels > 0 ? layout.shape[axis] : layout.fold[axis];
  return std::any_of(tiles.begin(), tiles.end(), [&](const Region &tile) {
    return tile.axis[axis].begin % fold + tile.axis[axis].size() > fold;
  });
}

}  // namespace

Result<void> emit_dense(OpEmission &emission, const DenseRows &rows) {
  const FiringText &firing = emission.firing();
  const Shape &shape = emission.output().shape;
  const std::size_t last = shape.size() - 1;
  const std::string ending = suffix_of(emission.output().type);
  const bool partial = emission.sums_in_parts();
  const Shape &from = rows.x.layout.shape;
  const std::int32_t depth = emission.input(1).shape.back();
  const std::int32_t extent = from[rows.feature_axis];
  const std::int32_t unit = depth / extent;  // features of one index

  std::vector<BoxAxis> box = emission.box();
  box.pop_back();
  std::vector<Access> arrays{rows.x, emission.output_access()};
  if (partial) arrays.push_back(Access::same(emission.sums(), emission.sums_layout()));
  for (std::size_t i = 1; i < arrays.size(); ++i) {
    if (wraps(firing.facts.tiles, last, arrays[i].layout))
      return emission.refuse("makes channels that wrap around their slice, which its kernel cannot");
    arrays[i].index[last] = {};
    arrays[i].index[last].fixed = firing.begin[last];
  }
  ArrayIndex &feature = arrays[0].index[rows.feature_axis];
  feature = {};
  const bool contiguous = is_contiguous(emission, rows);
  if (!contiguous && !partial)
    return emission.refuse("reads features that do not lie one after the other, which its kernel cannot");
  CodeLines &code = emission.code();
  Term begin = firing.part_begin;
  Term end = firing.part_end;
  std::string first = emission.is_first();
  std::string final = emission.is_last(extent);
  if (!contiguous) {
    // Index by index: the parts of a ring of rows that a part of the reduction lies in.
    code.open("for (int32_t piece = " + begin.text + "; piece < " + end.text + "; ++piece)");
    begin = named("piece", 0, extent - 1);
    end = begin + number(1);
    first = begin.text + " == 0";
    final = begin.text + " == " + c_text::number(extent - 1);
  }
  feature.fixed = partial ? begin : number(0);
  const Run run = find_run(box, arrays, [](const auto &) { return true; });

  Fields fields;
  fields.set("depth", depth).set("input_step", run.steps[0]).set("output_step", run.steps[1]);
  set_filter_fields(emission, fields, true);
  const std::string parameters = emission.parameters("thimble_fully_connected_" + ending + "_params", fields);
  if (partial) {
    code.line("const thimble_dense_part dense = {" + (begin * number(unit)).text + ", " + (end * number(unit)).text +
              ", " + first + ", " + final + ", " + c_text::number(run.steps[2]) + "};");
  }
  emit_runs(code, box, arrays, run, [&](const Term &count, const std::vector<std::string> &at) {
    if (partial) {
      emission.call(kHeader, "thimble_fully_connected_part_" + ending,
                    {parameters, "&dense", count.text, firing.begin[last].text, firing.end[last].text, at[0], at[2],
                     at[1]});
    } else {
      emission.call(kHeader, "thimble_fully_connected_" + ending,
                    {parameters, count.text, firing.begin[last].text, firing.end[last].text, at[0], at[1]});
    }
  });
  if (!contiguous) code.close();
  return {};
}

}  // namespace thimble::emitters
