#include "thimble/schedule/measure.h"

#include <algorithm>

#include "thimble/graph/footprint.h"
#include "thimble/schedule/stage_buffers.h"

namespace thimble {
namespace {

void use(Lifetime &lifetime, std::int64_t firing) {
  if (lifetime.first < 0) lifetime.first = firing;
  lifetime.last = firing;
}

/// Calls `visit(tensor, region)` for every computed tensor of which the firing reads something.
template <class Visit>
void for_each_read(const Graph &graph, const Firing &firing, Visit &&visit) {
  const Op &op = graph.op(firing.op);
  for (std::size_t j = 0; j < op.inputs.size(); ++j) {
    if (op.inputs[j] == kNone || graph.tensor(op.inputs[j]).constant()) continue;
    const Footprint reads = footprint(graph, op, static_cast<int>(j));
    const Region region =
        input_region(reads, graph.tensor(op.inputs[j]).shape, firing.tile, firing.reduction);
    if (!region.empty()) visit(op.inputs[j], region);
  }
}

/// Walks all firings; `use_tensor(stage, tensor, firing)` for every touch of a tensor, `at(firing)` for each
/// firing.
template <class UseTensor, class At>
void walk(const Schedule &schedule, UseTensor &&use_tensor, At &&at) {
  const Graph &graph = *schedule.graph;
  struct Arrival {
    std::int32_t stage;
    TensorId tensor;
  };
  std::vector<Arrival> frame;
  Firing latest;
  bool frame_done = false;
  const auto end_frame = [&] {
    for (const Arrival &arrival : frame) use_tensor(arrival.stage, arrival.tensor, latest.index);
    frame_done = true;
  };
  for_each_firing(schedule, [&](const Firing &firing) {
    if (!frame_done && firing.entry != Entry::frame) end_frame();
    at(firing);
    for_each_read(graph, firing,
                  [&](TensorId tensor, const Region &) { use_tensor(firing.stage, tensor, firing.index); });
    const TensorId output = graph.op(firing.op).output();
    if (firing.last) use_tensor(firing.stage, output, firing.index);
    if (firing.entry == Entry::frame) frame.push_back({firing.stage, output});
    latest = firing;
  });
  if (!frame_done) end_frame();
  for (TensorId output : graph.outputs) {
    if (!graph.tensor(output).constant()) use_tensor(kNone, output, latest.index);
  }
}

/// Whether a tensor is made in a stage and nobody outside reads it.
bool stays_inside(const Schedule &schedule, std::int32_t stage, TensorId tensor) {
  const auto s = static_cast<std::size_t>(stage);
  const std::vector<StageOp> &ops = schedule.stages[s].ops;
  const auto maker = std::find_if(ops.begin(), ops.end(), [&](const StageOp &op) {
    return schedule.graph->op(op.op).output() == tensor;
  });
  if (maker == ops.end()) return false;
  return !leaving_tensors(schedule)[s][static_cast<std::size_t>(maker - ops.begin())];
}

/// Whether a tensor is computed pixel by pixel with rows outside that are stored together.
bool grows_in_raster_order(const Schedule &schedule, std::int32_t stage, TensorId tensor) {
  const Stage &nest = schedule.stages[static_cast<std::size_t>(stage)];
  const auto depth = [&](Level level) {
    std::size_t i = 0;
    while (i < nest.loops.size() && nest.loops[i].level != level) ++i;
    return i < nest.loops.size() ? i + 1 : 0;
  };
  const auto inner = std::find_if(nest.inner.begin(), nest.inner.end(),
                                  [&](const StageTensor &other) { return other.tensor == tensor; });
  if (inner == nest.inner.end() || inner->compute_at != Level::column) return false;
  return depth(inner->store_at) < depth(Level::row) && depth(Level::row) < depth(Level::column);
}

/// Calls `written(tile)` and `read(region)` in order for all that a stage does to a tensor.
template <class Written, class Read>
void walk_tensor(const Schedule &schedule, std::int32_t stage, TensorId tensor, Written &&written,
                 Read &&read) {
  for_each_firing(schedule, [&](const Firing &firing) {
    if (firing.stage != stage) return;
    for_each_read(*schedule.graph, firing, [&](TensorId other, const Region &region) {
      if (other == tensor) read(region);
    });
    if (schedule.graph->op(firing.op).output() == tensor) written(firing.tile);
  });
}

}  // namespace

std::vector<Lifetime> measure_lifetimes(const Schedule &schedule) {
  std::vector<Lifetime> lifetimes(schedule.graph->tensors.size());
  walk(
      schedule,
      [&](std::int32_t, TensorId tensor, std::int64_t firing) {
        use(lifetimes[static_cast<std::size_t>(tensor)], firing);
      },
      [](const Firing &) {});
  return lifetimes;
}

std::vector<Lifetime> measure_buffer_lifetimes(const Schedule &schedule) {
  std::vector<Lifetime> lifetimes(schedule.buffers.size());
  std::vector<Lifetime> stages(schedule.stages.size());
  std::vector<StageBuffers> buffers;
  for (std::size_t s = 0; s < schedule.stages.size(); ++s)
    buffers.emplace_back(schedule, static_cast<std::int32_t>(s));
  const StageBuffers shared(schedule, kNone);
  const auto use_buffer = [&](std::int32_t index, std::int64_t firing) {
    if (index != kNone) use(lifetimes[static_cast<std::size_t>(index)], firing);
  };
  walk(
      schedule,
      [&](std::int32_t stage, TensorId tensor, std::int64_t firing) {
        const StageBuffers &seen = stage == kNone ? shared : buffers[static_cast<std::size_t>(stage)];
        use_buffer(seen.of(tensor), firing);
      },
      [&](const Firing &firing) {
        use(stages[static_cast<std::size_t>(firing.stage)], firing.index);
        const StageBuffers &seen = buffers[static_cast<std::size_t>(firing.stage)];
        use_buffer(seen.scratch_of(firing.op), firing.index);
        if (!firing.first || !firing.last) use_buffer(seen.accumulator_of(firing.op), firing.index);
      });
  for (std::size_t b = 0; b < lifetimes.size(); ++b) {
    const Buffer &buffer = schedule.buffers[b];
    if (buffer.kind == BufferKind::cursors) lifetimes[b] = stages[static_cast<std::size_t>(buffer.stage)];
  }
  return lifetimes;
}

Shape measure_fold(const Schedule &schedule, std::int32_t stage, TensorId tensor) {
  const Shape &shape = schedule.graph->tensor(tensor).shape;
  if (!stays_inside(schedule, stage, tensor)) return shape;
  Shape fold(shape.size(), 1);
  Region newest = Region::nothing(static_cast<int>(shape.size()));
  const auto keep = [&](std::size_t axis, std::int32_t count) { fold[axis] = std::max(fold[axis], count); };
  walk_tensor(
      schedule, stage, tensor,
      [&](const Region &tile) {
        // The last written, not the highest: a window or a new slice starts again further up.
        newest = tile;
        for (std::size_t a = 0; a < fold.size(); ++a) keep(a, tile.axis[a].size());
      },
      [&](const Region &read) {
        for (std::size_t a = 0; a < fold.size(); ++a) keep(a, newest.axis[a].end - read.axis[a].begin);
      });
  if (grows_in_raster_order(schedule, stage, tensor)) {
    const auto column = static_cast<std::size_t>(axis_of(Level::column, newest.rank));
    fold[column] = shape[column];
  }
  for (std::size_t a = 0; a < fold.size(); ++a) fold[a] = std::min(fold[a], shape[a]);
  return fold;
}

std::int32_t measure_ring_rows(const Schedule &schedule, std::int32_t stage, TensorId tensor) {
  const int axis = axis_of(Level::row, schedule.graph->tensor(tensor).rank());
  return axis == kNone ? 1 : measure_fold(schedule, stage, tensor)[static_cast<std::size_t>(axis)];
}

std::int32_t measure_fifo_pixels(const Schedule &schedule, std::int32_t stage, TensorId tensor) {
  const Shape &shape = schedule.graph->tensor(tensor).shape;
  const auto pixel = [&](const Region &box, bool last) {
    std::int64_t number = 0;
    for (int a = 0; a + 1 < box.rank; ++a) {
      const std::int32_t at = last ? box.axis[a].end - 1 : box.axis[a].begin;
      number = number * shape[static_cast<std::size_t>(a)] + at;
    }
    return number;
  };
  const std::int64_t all = shape.empty() ? 1 : element_count(std::span(shape).first(shape.size() - 1));
  if (!stays_inside(schedule, stage, tensor)) return static_cast<std::int32_t>(all);
  std::int64_t pixels = 1;
  std::int64_t newest = 0;
  walk_tensor(
      schedule, stage, tensor,
      [&](const Region &tile) {
        newest = pixel(tile, true);
        pixels = std::max(pixels, newest - pixel(tile, false) + 1);
      },
      [&](const Region &read) { pixels = std::max(pixels, newest - pixel(read, false) + 1); });
  return static_cast<std::int32_t>(std::min(pixels, all));
}

}  // namespace thimble
