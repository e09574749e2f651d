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
  const bool columns = form.grain == Grain::pixels || form.strip > 0;
  return lines && (!columns || axis_of(Level::column, tensor.rank()) != kNone);
}

/// The axis of its first input over which the operator can sum in parts, or kNone.
int reduced_axis(const Graph &graph, const Op &op) {
  if (op.inputs.empty() || op.inputs[0] == kNone || !kernel_variants(op)[0].partial_reduction) return kNone;
  const Footprint reads = footprint(graph, op, 0);
  const auto reduced = std::find_if(reads.begin(), reads.end(),
                                    [](const AxisMap &map) { return map.kind == AxisMap::Kind::accumulate; });
  return reduced == reads.end() ? kNone : static_cast<int>(reduced - reads.begin());
}

/// The stage of `ops` whose driver takes slice after slice.
Stage make_slices(const Graph &graph, std::span<const OpId> ops, const NestForm &form) {
  Stage stage;
  for (const OpId op : ops) stage.ops.push_back({op});
  stage.sum_bytes = form.sum_bytes;
  const Loop rows{Level::row, form.step};
  const Loop slices{Level::slice, form.channels, true};
  switch (form.grain) {
    case Grain::slices_of_lines:
      stage.loops = {slices, rows};
      break;
    case Grain::lines_of_slices:
      stage.loops = {rows, slices};
      break;
    default:
      stage.loops = {slices};
  }
  for (const OpId id : ops.first(ops.size() - 1)) {
    const TensorId tensor = graph.op(id).output();
    const bool rings =
        form.grain == Grain::slices_of_lines && axis_of(Level::row, graph.tensor(tensor).rank()) != kNone;
    stage.inner.push_back(
        {tensor, rings ? Level::row : Level::slice, Level::slice, rings ? form.step : form.channels});
  }
  return stage;
}

}  // namespace

bool in_slices(Grain grain) {
  return grain == Grain::slices || grain == Grain::slices_of_lines || grain == Grain::lines_of_slices;
}

bool reduces_rows(const Graph &graph, const Op &op) {
  const int reduced = reduced_axis(graph, op);
  return reduced != kNone && reduced == axis_of(Level::row, graph.tensor(op.inputs[0]).rank());
}

bool can_slice(const Graph &graph, std::span<const OpId> ops) {
  const Op &driver = graph.op(ops.back());
  const int reduced = reduced_axis(graph, driver);
  if (ops.size() < 2 || reduced == kNone) return false;
  if (reduced != axis_of(Level::slice, graph.tensor(driver.inputs[0]).rank())) return false;
  for (const OpId maker : ops.first(ops.size() - 1)) {
    const TensorId made = graph.op(maker).output();
    if (graph.op(maker).is<Input>() || graph.tensor(made).rank() == 0) return false;
    const int channels = axis_of(Level::slice, graph.tensor(made).rank());
    bool read = false;
    for (const OpId reader : ops) {
      const Op &op = graph.op(reader);
      for (std::size_t j = 0; j < op.inputs.size(); ++j) {
        if (op.inputs[j] != made) continue;
        read = true;
        if (reader == ops.back() && j != 0) return false;
        if (reader == ops.back()) continue;
        const AxisMap map = footprint(graph, op, static_cast<int>(j))[static_cast<std::size_t>(channels)];
        const int made_by = axis_of(Level::slice, graph.tensor(op.output()).rank());
        if (map.kind != AxisMap::Kind::follow || map.output_axis != made_by) return false;
        // Slices that share a channel would compute it twice.
        if (map.num != map.den || map.extent != 1) return false;
      }
    }
    if (!read) return false;
  }
  return true;
}

bool can_drive(const Graph &graph, const Op &op, const NestForm &form) {
  if (form.grain == Grain::whole) return true;
  if (form.sweep == Sweep::rows && reduces_rows(graph, op)) return form.strip == 0;
  return has_axes(graph.tensor(op.output()), form);
}

Stage make_stage(const Graph &graph, std::span<const OpId> ops, const NestForm &form) {
  if (in_slices(form.grain)) return make_slices(graph, ops, form);
  Stage stage;
  for (const OpId op : ops) stage.ops.push_back({op});
  if (form.grain == Grain::whole) return stage;
  const Level line = line_level(form.sweep);
  const Op &driver = graph.op(ops.back());
  const bool reduces = form.sweep == Sweep::rows && reduces_rows(graph, driver);
  const Level kept_in = form.strip > 0 ? Level::strip : Level::call;
  if (form.strip > 0) stage.loops.push_back({Level::strip, form.strip});
  stage.loops.push_back({line, form.step, reduces});
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
    // The caller hands in whole rows, one at a time.
    const bool arrives = graph.op(id).is<Input>();
    const bool in_pixels = form.grain == Grain::pixels && !arrives && !listed(form.lines, tensor);
    const std::int32_t step = in_pixels ? form.pixels : arrives ? 1 : form.step;
    stage.inner.push_back({tensor, in_pixels ? Level::column : line, kept_in, step});
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
  const int rank = graph.tensor(graph.op(stage.ops.back().op).output()).rank();
  const auto turns = [&](const Loop &loop) { return loop.reduction || axis_of(loop.level, rank) != kNone; };
  const std::int64_t loops = std::count_if(stage.loops.begin(), stage.loops.end(), turns);
  return expected_cursors(lines, pixels, loops, fed);
}

}  // namespace thimble
