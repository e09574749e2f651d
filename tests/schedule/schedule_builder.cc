#include "schedule_builder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "thimble/base/checked.h"
#include "thimble/schedule/measure.h"
#include "thimble/schedule/sum_bytes.h"
#include "thimble/schedule/variant.h"

namespace thimble::test {
namespace {

constexpr std::int32_t kAlignment = 8;

bool is_one_of(const std::vector<TensorId> &list, TensorId tensor) {
  return std::find(list.begin(), list.end(), tensor) != list.end();
}

Buffer whole_buffer(const Graph &graph, TensorId tensor) {
  Buffer buffer;
  buffer.tensor = tensor;
  buffer.kind = is_one_of(graph.outputs, tensor)  ? BufferKind::output
                : is_one_of(graph.inputs, tensor) ? BufferKind::input
                                                  : BufferKind::tensor;
  buffer.layout = Layout::whole(graph.tensor(tensor));
  return buffer;
}

BufferKind kind_of(const StageTensor *inner) {
  if (inner == nullptr) return BufferKind::tensor;
  if (inner->compute_at == Level::row) return BufferKind::ring;
  if (inner->compute_at == Level::slice) return BufferKind::slice;
  return BufferKind::window;
}

Buffer private_buffer(const Schedule &schedule, std::int32_t stage, TensorId tensor, bool fifos) {
  const Stage &nest = schedule.stages[static_cast<std::size_t>(stage)];
  const StageTensor *inner = nullptr;
  for (const StageTensor &other : nest.inner) {
    if (other.tensor == tensor) inner = &other;
  }
  Buffer buffer = whole_buffer(*schedule.graph, tensor);
  buffer.stage = stage;
  buffer.kind = kind_of(inner);
  buffer.layout.fold = measure_fold(schedule, stage, tensor);
  const bool raster = inner != nullptr && inner->compute_at == Level::column &&
                      inner->store_at == Level::call &&
                      std::any_of(nest.loops.begin(), nest.loops.end(),
                                  [](const Loop &loop) { return loop.level == Level::row; });
  if (raster && fifos) {
    buffer.kind = BufferKind::fifo;
    buffer.layout.fifo_pixels = measure_fifo_pixels(schedule, stage, tensor);
  }
  return buffer;
}

/// Loops outside the one over the reduction finish their tile before they go on.
Buffer accumulator(const Schedule &schedule, std::int32_t stage) {
  const Graph &graph = *schedule.graph;
  const Stage &nest = schedule.stages[static_cast<std::size_t>(stage)];
  Buffer buffer;
  buffer.kind = BufferKind::accumulator;
  buffer.op = nest.ops.back().op;
  buffer.tensor = graph.op(buffer.op).output();
  buffer.stage = stage;
  buffer.layout = Layout::whole(graph.tensor(buffer.tensor));
  buffer.layout.element_size = sum_bytes(graph, nest);
  for (const Loop &loop : nest.loops) {
    if (loop.reduction) break;
    std::int32_t &fold =
        buffer.layout
            .fold[static_cast<std::size_t>(axis_of(loop.level, static_cast<int>(buffer.layout.fold.size())))];
    fold = std::min(fold, loop.step);
  }
  return buffer;
}

std::vector<Bytes> expected_outputs(const Graph &graph, const std::vector<Bytes> &inputs) {
  Result<std::vector<Bytes>> outputs = interpret_outputs(graph, inputs);
  EXPECT_TRUE(outputs) << outputs.error().text();
  return outputs ? *outputs : std::vector<Bytes>{};
}

std::string range_text(const Range &range) {
  return std::to_string(range.begin) + ":" + std::to_string(range.end);
}

std::string firings(const Schedule &schedule, bool columns) {
  const Graph &graph = *schedule.graph;
  std::string text;
  for_each_firing(schedule, [&](const Firing &firing) {
    if (firing.entry == Entry::frame) return;
    const Tensor &output = graph.tensor(graph.op(firing.op).output());
    int axis = axis_of(Level::row, output.rank());
    if (axis == kNone) axis = output.rank() - 1;
    text += (text.empty() ? "" : " ") + output.name + "[" + range_text(firing.tile.axis[axis]);
    if (columns) text += "," + range_text(firing.tile.axis[axis_of(Level::column, output.rank())]);
    text += ")";
    if (!firing.first || !firing.last) text += "+" + range_text(firing.reduction);
  });
  return text;
}

}  // namespace

OpId maker_of(const Graph &graph, TensorId tensor) {
  return producers(graph)[static_cast<std::size_t>(tensor)];
}

Stage make_stage(const Graph &graph, const std::vector<TensorId> &tensors, std::vector<Loop> loops,
                 std::vector<StageTensor> inner) {
  Stage stage;
  for (TensorId tensor : tensors) stage.ops.push_back({maker_of(graph, tensor)});
  stage.loops = std::move(loops);
  stage.inner = std::move(inner);
  return stage;
}

Schedule make_schedule(std::shared_ptr<const Graph> graph, const std::vector<Stage> &stages) {
  Schedule schedule;
  for (TensorId input : graph->inputs) {
    const OpId arrival = maker_of(*graph, input);
    const bool placed = std::any_of(stages.begin(), stages.end(), [&](const Stage &stage) {
      return std::any_of(stage.ops.begin(), stage.ops.end(),
                         [&](const StageOp &op) { return op.op == arrival; });
    });
    if (!placed) schedule.stages.push_back(make_stage(*graph, {input}));
  }
  schedule.stages.insert(schedule.stages.end(), stages.begin(), stages.end());
  schedule.graph = std::move(graph);
  return schedule;
}

Schedule whole_tensor_schedule(std::shared_ptr<const Graph> graph) {
  Schedule schedule;
  for (const Op &op : graph->ops) schedule.stages.push_back(make_stage(*graph, {op.output()}));
  schedule.graph = std::move(graph);
  return schedule;
}

void add_buffers(Schedule &schedule, Packing packing, bool fifos) {
  const Graph &graph = *schedule.graph;
  const std::vector<std::vector<bool>> leaves = leaving_tensors(schedule);
  schedule.buffers.clear();
  std::vector<bool> shared(graph.tensors.size(), false);
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const auto stage = static_cast<std::int32_t>(s);
    const Stage &nest = schedule.stages[s];
    for (std::size_t i = 0; i < nest.ops.size(); ++i) {
      const TensorId tensor = graph.op(nest.ops[i].op).output();
      const bool unread_driver = i + 1 == nest.ops.size() && !leaves[s][i];
      if (!leaves[s][i] && !unread_driver) {
        schedule.buffers.push_back(private_buffer(schedule, stage, tensor, fifos));
      } else if (!shared[static_cast<std::size_t>(tensor)]) {
        shared[static_cast<std::size_t>(tensor)] = true;
        schedule.buffers.push_back(whole_buffer(graph, tensor));
      }
    }
    const bool in_parts =
        std::any_of(nest.loops.begin(), nest.loops.end(), [](const Loop &loop) { return loop.reduction; });
    // A step that covers the whole reduction leaves no partial sums.
    bool partial = false;
    for_each_firing(schedule, [&](const Firing &firing) {
      partial = partial || (firing.stage == stage && !(firing.first && firing.last));
    });
    if (in_parts && partial) schedule.buffers.push_back(accumulator(schedule, stage));
  }
  for (Buffer &buffer : schedule.buffers) {
    buffer.size = buffer.layout.bytes();
    buffer.alignment = kAlignment;
  }
  place_buffers(schedule, packing);
}

void set_lifetimes(Schedule &schedule) {
  const std::vector<Lifetime> lifetimes = measure_buffer_lifetimes(schedule);
  for (std::size_t b = 0; b < lifetimes.size(); ++b) {
    schedule.buffers[b].first = lifetimes[b].first;
    schedule.buffers[b].last = lifetimes[b].last;
  }
}

void place_buffers(Schedule &schedule, Packing packing) {
  set_lifetimes(schedule);
  std::int64_t end = 0;
  for (std::size_t b = 0; b < schedule.buffers.size(); ++b) {
    Buffer &buffer = schedule.buffers[b];
    buffer.offset = packing == Packing::apart ? align_up(end, buffer.alignment) : 0;
    for (bool moved = packing == Packing::shared; moved;) {
      moved = false;
      for (std::size_t other = 0; other < b; ++other) {
        const Buffer &placed = schedule.buffers[other];
        const bool together = placed.first <= buffer.last && buffer.first <= placed.last;
        const bool overlap =
            placed.offset < buffer.offset + buffer.size && buffer.offset < placed.offset + placed.size;
        if (!together || !overlap) continue;
        buffer.offset = align_up(placed.offset + placed.size, buffer.alignment);
        moved = true;
      }
    }
    end = std::max(end, buffer.offset + buffer.size);
  }
  schedule.regions[0].size = end;
}

void expect_good(const Schedule &schedule, const std::string &what) {
  SCOPED_TRACE(what);
  const Result<void> structure = verify_structure(schedule);
  ASSERT_TRUE(structure) << structure.error().text();
  const Result<Proof> proof = check(schedule);
  ASSERT_TRUE(proof) << proof.error().text();
  EXPECT_EQ(proof->firings, count_firings(schedule));
  const std::vector<Bytes> inputs = random_inputs(*schedule.graph, 7);
  const std::vector<Bytes> expected = expected_outputs(*schedule.graph, inputs);
  for (const std::uint8_t poison : {0x00, 0xA5}) {
    const Result<std::vector<Bytes>> outputs = execute(schedule, inputs, {poison});
    ASSERT_TRUE(outputs) << outputs.error().text();
    EXPECT_TRUE(*outputs == expected) << "other bytes than the interpreter's, poison " << int{poison};
  }
}

void expect_refused(const Schedule &schedule, const std::string &reason) {
  const Result<Proof> proof = check(schedule);
  ASSERT_FALSE(proof) << "accepted, but should be refused for: " << reason;
  EXPECT_EQ(proof.error().lines.size(), 1u);
  EXPECT_NE(proof.error().text().find(reason), std::string::npos)
      << "refused for: " << proof.error().text() << "\nbut expected: " << reason;
}

Buffer &buffer_for(Schedule &schedule, TensorId tensor, std::int32_t stage) {
  for (Buffer &buffer : schedule.buffers) {
    if (buffer.tensor == tensor && buffer.stage == stage && buffer.kind != BufferKind::accumulator)
      return buffer;
  }
  ADD_FAILURE() << "no buffer of tensor " << tensor << " in stage " << stage;
  static Buffer none;
  return none;
}

std::string firings_by_rows(const Schedule &schedule) {
  return firings(schedule, false);
}
std::string firings_by_pixels(const Schedule &schedule) {
  return firings(schedule, true);
}

}  // namespace thimble::test
