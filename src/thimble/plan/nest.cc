#include "thimble/plan/nest.h"

#include <algorithm>

#include "thimble/graph/footprint.h"
#include "thimble/schedule/cursors.h"
#include "thimble/schedule/variant.h"

namespace thimble {
namespace {

Level line_level(Sweep sweep) {
  return sweep == Sweep::rows ? Level::row : Level::column;
}

/// A line of pixels needs both axes.
bool has_axes(const Tensor &tensor, const NestForm &form) {
  const bool lines = axis_of(line_level(form.sweep), tensor.rank()) != kNone;
  return lines && (form.grain != Grain::pixels || axis_of(Level::column, tensor.rank()) != kNone);
}

}  // namespace

bool reduces_rows(const Graph &graph, const Op &op) {
  if (op.inputs.empty() || op.inputs[0] == kNone || !kernel_variants(op)[0].partial_reduction) return false;
  const Footprint reads = footprint(graph, op, 0);
  const auto reduced = std::find_if(reads.begin(), reads.end(),
                                    [](const AxisMap &map) { return map.kind == AxisMap::Kind::accumulate; });
  const int rows = axis_of(Level::row, graph.tensor(op.inputs[0]).rank());
  return reduced != reads.end() && rows != kNone && reduced - reads.begin() == rows;
}

bool can_drive(const Graph &graph, const Op &op, const NestForm &form) {
  if (form.grain == Grain::whole) return true;
  if (form.sweep == Sweep::rows && reduces_rows(graph, op)) return true;
  return has_axes(graph.tensor(op.output()), form);
}

Stage make_stage(const Graph &graph, std::span<const OpId> ops, const NestForm &form) {
  Stage stage;
  for (const OpId op : ops) stage.ops.push_back({op});
  if (form.grain == Grain::whole) return stage;
  const Level line = line_level(form.sweep);
  const Op &driver = graph.op(ops.back());
  const bool reduces = form.sweep == Sweep::rows && reduces_rows(graph, driver);
  stage.loops.push_back({line, 1, reduces});
  if (form.grain == Grain::pixels) stage.loops.push_back({Level::column, form.pixels});
  const auto listed = [](const std::vector<TensorId> &list, TensorId tensor) {
    return std::find(list.begin(), list.end(), tensor) != list.end();
  };
  for (std::size_t i = 0; i + 1 < ops.size(); ++i) {
    const OpId id = ops[i];
    const TensorId tensor = graph.op(id).output();
    if (!has_axes(graph.tensor(tensor), form)) continue;
    if (listed(form.windows, tensor)) {
      std::size_t owner = i + 1;
      while (listed(form.windows, graph.op(ops[owner]).output())) ++owner;
      const bool drives = owner + 1 == ops.size();
      stage.inner.push_back(
          {tensor, Level::column, Level::row, form.pixels, drives ? kNone : graph.op(ops[owner]).output()});
      continue;
    }
    // The caller hands in whole rows.
    const bool in_pixels =
        form.grain == Grain::pixels && !graph.op(id).is<Input>() && !listed(form.lines, tensor);
    stage.inner.push_back(
        {tensor, in_pixels ? Level::column : line, Level::call, in_pixels ? form.pixels : 1});
  }
  return stage;
}

std::int64_t expected_cursors(std::int64_t lines, std::int64_t pixels, std::int64_t loops, bool fed) {
  const std::int64_t bytes = 2 * lines + 4 * pixels + (fed ? 2 * loops + 2 : 0);
  return fed || bytes > kMostLocalCursors ? bytes : 0;
}

std::int64_t expected_cursors(const Graph &graph, const Stage &stage) {
  std::int64_t lines = 0;
  std::int64_t pixels = 0;
  for (const StageTensor &inner : stage.inner) {
    const bool raster = inner.compute_at == Level::column && stage.loops.size() > 1;
    ++(raster ? pixels : lines);
  }
  const bool fed = stage.ops.size() > 1 && graph.op(stage.ops[0].op).is<Input>();
  return expected_cursors(lines, pixels, static_cast<std::int64_t>(stage.loops.size()), fed);
}

}  // namespace thimble
