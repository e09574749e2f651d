#include "thimble/schedule/measure.h"

#include <algorithm>
#include <span>

#include "thimble/schedule/reads.h"
#include "thimble/schedule/stage_buffers.h"

namespace thimble {
namespace {

void use(Lifetime &lifetime, std::int64_t firing) {
  // Calls of a stream come back to their first stage.
  lifetime.first = lifetime.first < 0 ? firing : std::min(lifetime.first, firing);
  lifetime.last = std::max(lifetime.last, firing);
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
  const Reads reads(graph);
  std::vector<Arrival> frame;
  Firing latest;
  bool frame_done = false;
  const auto end_frame = [&] {
    for (const Arrival &arrival : frame) use_tensor(arrival.stage, arrival.tensor, life_of(schedule, latest));
    frame_done = true;
  };
  for_each_firing(schedule, [&](const Firing &firing) {
    if (!frame_done && firing.entry != Entry::frame) end_frame();
    at(firing);
    const std::int64_t now = life_of(schedule, firing);
    reads.for_each(firing, [&](TensorId tensor, const Region &) { use_tensor(firing.stage, tensor, now); });
    const TensorId output = graph.op(firing.op).output();
    if (firing.last) use_tensor(firing.stage, output, now);
    if (firing.entry == Entry::frame) frame.push_back({firing.stage, output});
    latest = firing;
  });
  if (!frame_done) end_frame();
  if (schedule.time) return;  // each call hands out what it has made
  for (TensorId kept : kept_tensors(graph)) {
    if (!graph.tensor(kept).constant()) use_tensor(kNone, kept, latest.index);
  }
}

/// Whether a tensor is computed pixel by pixel with rows outside that are stored together.
bool grows_in_raster_order(const Stage &nest, TensorId tensor) {
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

/// Number of the first or last pixel of a box in reading order.
std::int64_t pixel_number(const Shape &shape, const Region &box, bool last) {
  std::int64_t number = 0;
  for (int a = 0; a + 1 < box.rank; ++a) {
    const std::int32_t at = last ? box.axis[a].end - 1 : box.axis[a].begin;
    number = number * shape[static_cast<std::size_t>(a)] + at;
  }
  return number;
}

std::int64_t pixel_count(const Shape &shape) {
  return shape.empty() ? 1 : element_count(std::span(shape).first(shape.size() - 1));
}

/// What one tensor must keep, while the firings of its stage go by.
class Keeper {
 public:
  Keeper(const Shape &shape, bool inside, bool raster)
      : shape_(shape),
        inside_(inside),
        raster_(raster),
        fold_(shape.size(), 1),
        newest_(Region::nothing(static_cast<int>(shape.size()))) {}

  void write(const Region &tile) {
    // The last written, not the highest: a window or a new slice starts again further up.
    newest_ = tile;
    for (std::size_t a = 0; a < fold_.size(); ++a) fold_[a] = std::max(fold_[a], tile.axis[a].size());
    newest_pixel_ = pixel_number(shape_, tile, true);
    pixels_ = std::max(pixels_, newest_pixel_ - pixel_number(shape_, tile, false) + 1);
  }

  void read(const Region &region) {
    for (std::size_t a = 0; a < fold_.size(); ++a) {
      fold_[a] = std::max(fold_[a], newest_.axis[a].end - region.axis[a].begin);
    }
    pixels_ = std::max(pixels_, newest_pixel_ - pixel_number(shape_, region, false) + 1);
  }

  TensorFold result() const {
    if (!inside_) return {shape_, 0};
    TensorFold result{fold_, 0};
    if (raster_) {
      const auto column = static_cast<std::size_t>(axis_of(Level::column, newest_.rank));
      result.fold[column] = shape_[column];
      result.fifo_pixels = static_cast<std::int32_t>(std::min(pixels_, pixel_count(shape_)));
    }
    for (std::size_t a = 0; a < fold_.size(); ++a) result.fold[a] = std::min(result.fold[a], shape_[a]);
    return result;
  }

  /// Also of a tensor that grows in another order.
  std::int32_t pixels() const {
    return static_cast<std::int32_t>(inside_ ? std::min(pixels_, pixel_count(shape_)) : pixel_count(shape_));
  }

 private:
  const Shape &shape_;
  bool inside_, raster_;
  Shape fold_;
  Region newest_;
  std::int64_t newest_pixel_ = 0;
  std::int64_t pixels_ = 1;
};

std::vector<std::vector<Keeper>> keep_all(const Schedule &schedule) {
  const Graph &graph = *schedule.graph;
  const std::vector<std::vector<bool>> leaves = leaving_tensors(schedule);
  std::vector<std::vector<Keeper>> keepers(schedule.stages.size());
  std::vector<std::vector<std::int32_t>> position(schedule.stages.size());
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const Stage &nest = schedule.stages[s];
    position[s].assign(graph.tensors.size(), kNone);
    for (std::size_t i = 0; i < nest.ops.size(); ++i) {
      const TensorId tensor = graph.op(nest.ops[i].op).output();
      position[s][static_cast<std::size_t>(tensor)] = static_cast<std::int32_t>(i);
      keepers[s].emplace_back(graph.tensor(tensor).shape, !leaves[s][i], grows_in_raster_order(nest, tensor));
    }
  }
  const Reads reads(graph);
  for_each_firing(schedule, [&](const Firing &firing) {
    const auto stage = static_cast<std::size_t>(firing.stage);
    const auto keeper_of = [&](TensorId tensor) -> Keeper * {
      const std::int32_t at = position[stage][static_cast<std::size_t>(tensor)];
      return at == kNone ? nullptr : &keepers[stage][static_cast<std::size_t>(at)];
    };
    reads.for_each(firing, [&](TensorId tensor, const Region &region) {
      if (Keeper *keeper = keeper_of(tensor)) keeper->read(region);
    });
    keeper_of(graph.op(firing.op).output())->write(firing.tile);
  });
  return keepers;
}

/// Position of the tensor's maker in the stage, or kNone.
std::int32_t position_in(const Schedule &schedule, std::int32_t stage, TensorId tensor) {
  const std::vector<StageOp> &ops = schedule.stages[static_cast<std::size_t>(stage)].ops;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (schedule.graph->op(ops[i].op).output() == tensor) return static_cast<std::int32_t>(i);
  }
  return kNone;
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
        const std::int64_t now = life_of(schedule, firing);
        use(stages[static_cast<std::size_t>(firing.stage)], now);
        const StageBuffers &seen = buffers[static_cast<std::size_t>(firing.stage)];
        use_buffer(seen.scratch_of(firing.op), now);
        if (!firing.first || !firing.last) use_buffer(seen.accumulator_of(firing.op), now);
      });
  for (std::size_t b = 0; b < lifetimes.size(); ++b) {
    const Buffer &buffer = schedule.buffers[b];
    // A stream's counter of calls is no stage's.
    if (buffer.kind == BufferKind::cursors && buffer.stage != kNone)
      lifetimes[b] = stages[static_cast<std::size_t>(buffer.stage)];
    if (schedule.time && survives_calls(schedule, buffer))
      lifetimes[b] = {0, static_cast<std::int64_t>(schedule.stages.size()) - 1};
  }
  return lifetimes;
}

std::vector<std::vector<TensorFold>> measure_folds(const Schedule &schedule) {
  std::vector<std::vector<TensorFold>> folds;
  for (const std::vector<Keeper> &stage : keep_all(schedule)) {
    folds.emplace_back();
    for (const Keeper &keeper : stage) folds.back().push_back(keeper.result());
  }
  return folds;
}

Shape measure_fold(const Schedule &schedule, std::int32_t stage, TensorId tensor) {
  const std::int32_t at = position_in(schedule, stage, tensor);
  if (at == kNone) return schedule.graph->tensor(tensor).shape;
  return keep_all(schedule)[static_cast<std::size_t>(stage)][static_cast<std::size_t>(at)].result().fold;
}

std::int32_t measure_ring_rows(const Schedule &schedule, std::int32_t stage, TensorId tensor) {
  const int axis = axis_of(Level::row, schedule.graph->tensor(tensor).rank());
  return axis == kNone ? 1 : measure_fold(schedule, stage, tensor)[static_cast<std::size_t>(axis)];
}

std::int32_t measure_fifo_pixels(const Schedule &schedule, std::int32_t stage, TensorId tensor) {
  const std::int32_t at = position_in(schedule, stage, tensor);
  if (at == kNone) return static_cast<std::int32_t>(pixel_count(schedule.graph->tensor(tensor).shape));
  return keep_all(schedule)[static_cast<std::size_t>(stage)][static_cast<std::size_t>(at)].pixels();
}

}  // namespace thimble
