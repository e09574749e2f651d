#include "thimble/schedule/schedule.h"

#include <algorithm>

namespace thimble {

const char *name_of(Level level) {
  switch (level) {
    case Level::call:
      return "call";
    case Level::strip:
      return "strip";
    case Level::slice:
      return "slice";
    case Level::row:
      return "row";
    case Level::column:
      return "column";
  }
  return "?";
}

const char *name_of(BufferKind kind) {
  switch (kind) {
    case BufferKind::input:
      return "input";
    case BufferKind::output:
      return "output";
    case BufferKind::tensor:
      return "tensor";
    case BufferKind::ring:
      return "ring";
    case BufferKind::fifo:
      return "fifo";
    case BufferKind::window:
      return "window";
    case BufferKind::slice:
      return "slice";
    case BufferKind::accumulator:
      return "accumulator";
    case BufferKind::scratch:
      return "scratch";
    case BufferKind::state:
      return "state";
    case BufferKind::hold:
      return "hold";
    case BufferKind::cursors:
      return "cursors";
  }
  return "?";
}

int axis_of(Level level, int rank) {
  switch (level) {
    case Level::call:
      return kNone;
    case Level::strip:
    case Level::column:
      return axis_with(AxisRole::column, rank);
    case Level::slice:
      return axis_with(AxisRole::channel, rank);
    case Level::row:
      return axis_with(AxisRole::row, rank);
  }
  return kNone;
}

std::int64_t total_bytes(const std::vector<MemoryRegion> &regions) {
  std::int64_t bytes = 0;
  for (const MemoryRegion &region : regions) bytes += region.size;
  return bytes;
}

const Buffer *buffer_of(const Schedule &schedule, TensorId tensor, std::int32_t stage) {
  const Buffer *shared = nullptr;
  for (const Buffer &buffer : schedule.buffers) {
    if (buffer.tensor != tensor || buffer.kind == BufferKind::accumulator) continue;
    if (buffer.stage == stage) return &buffer;
    if (buffer.stage == kNone) shared = &buffer;
  }
  return shared;
}

const Buffer *buffer_of_op(const Schedule &schedule, BufferKind kind, OpId op, std::int32_t stage) {
  const Buffer *shared = nullptr;
  for (const Buffer &buffer : schedule.buffers) {
    if (buffer.kind != kind || buffer.op != op) continue;
    if (buffer.stage == stage) return &buffer;
    if (buffer.stage == kNone) shared = &buffer;
  }
  return shared;
}

bool survives_calls(const Schedule &schedule, const Buffer &buffer) {
  const bool in_state = schedule.regions[static_cast<std::size_t>(buffer.region)].kind == RegionKind::state;
  return in_state && (schedule.time || buffer.kind == BufferKind::state);
}

bool is_in_place(const Schedule &schedule, const State &state) {
  const Buffer &before = *buffer_of(schedule, state.read, kNone);
  const Buffer &after = *buffer_of(schedule, state.written, kNone);
  return before.region == after.region && before.offset == after.offset;
}

bool is_row_fed(const Schedule &schedule, TensorId input) {
  const Graph &graph = *schedule.graph;
  return std::any_of(schedule.stages.begin(), schedule.stages.end(), [&](const Stage &stage) {
    const auto arrives = [&](const StageOp &op) {
      return graph.op(op.op).is<Input>() && graph.op(op.op).output() == input;
    };
    const auto computes = [&](const StageOp &op) { return !graph.op(op.op).is<Input>(); };
    return std::any_of(stage.ops.begin(), stage.ops.end(), arrives) &&
           std::any_of(stage.ops.begin(), stage.ops.end(), computes);
  });
}

std::vector<std::vector<bool>> leaving_tensors(const Schedule &schedule) {
  const Graph &graph = *schedule.graph;
  const std::vector<OpId> producer = producers(graph);
  struct Place {
    std::int32_t stage = kNone;
    std::size_t position = 0;
  };
  std::vector<Place> latest(graph.ops.size());
  std::vector<std::vector<bool>> leaves(schedule.stages.size());
  const auto mark = [&](TensorId tensor) {
    const OpId made_by = tensor == kNone ? kNone : producer[static_cast<std::size_t>(tensor)];
    if (made_by == kNone) return;
    const Place &place = latest[static_cast<std::size_t>(made_by)];
    if (place.stage != kNone) leaves[static_cast<std::size_t>(place.stage)][place.position] = true;
  };
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const std::vector<StageOp> &ops = schedule.stages[s].ops;
    leaves[s].assign(ops.size(), false);
    const auto made_here = [&](TensorId tensor) {
      return std::any_of(ops.begin(), ops.end(),
                         [&](const StageOp &op) { return graph.op(op.op).output() == tensor; });
    };
    for (const StageOp &op : ops) {
      for (TensorId input : graph.op(op.op).inputs) {
        if (!made_here(input)) mark(input);
      }
    }
    for (std::size_t i = 0; i < ops.size(); ++i) {
      latest[static_cast<std::size_t>(ops[i].op)] = {static_cast<std::int32_t>(s), i};
    }
  }
  for (TensorId kept : kept_tensors(graph)) mark(kept);
  return leaves;
}

}  // namespace thimble
