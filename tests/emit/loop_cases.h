// Random networks with random loop nests, legal and with memory.
#pragma once

#include "schedule/random_schedule.h"
#include "support/random_graph.h"
#include "thimble/schedule/cursors.h"

namespace thimble::test {

/// Adds buffers for the cursors of stages that need them (or all that have any), and places everything again.
inline void add_cursors(Schedule &schedule, bool all = false, Packing packing = Packing::apart) {
  bool added = false;
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const Result<CursorNeed> need = cursor_need(schedule, static_cast<std::int32_t>(s));
    if (!need || need->bytes == 0) continue;
    if (!all && !need->must_stay && need->bytes <= kMostLocalCursors) continue;
    Buffer buffer;
    buffer.kind = BufferKind::cursors;
    buffer.stage = static_cast<std::int32_t>(s);
    buffer.size = need->bytes;
    buffer.alignment = 8;
    schedule.buffers.push_back(buffer);
    added = true;
  }
  if (added) place_buffers(schedule, packing);
}

/// Moves the network input into the first stage that reads it, where the caller pushes its rows: kept whole,
/// in a ring or in a pixel FIFO, as the stage's loops allow. Only the first reader may need it.
inline void push_input(Schedule &schedule, std::mt19937 &random) {
  const Graph &graph = *schedule.graph;
  const TensorId input = graph.inputs[0];
  const std::vector<OpId> readers = consumers(graph)[static_cast<std::size_t>(input)];
  std::erase_if(schedule.stages, [&](const Stage &stage) { return graph.op(stage.ops[0].op).is<Input>(); });
  Stage &first = schedule.stages.front();
  first.ops.insert(first.ops.begin(), {maker_of(graph, input)});
  const bool row = !first.loops.empty() && first.loops[0].level == Level::row && !first.loops[0].reduction;
  const bool column = row && first.loops.size() > 1 && first.loops[1].level == Level::column;
  const std::int32_t step = 1 + static_cast<std::int32_t>(random() % 3);
  const Level at = column && random() % 2 == 0 ? Level::column : row ? Level::row : Level::call;
  if (at != Level::call) first.inner.push_back({input, at, Level::call, step});
}

/// Computes a tensor once more in a stage that reads it from an earlier one, in rows where the stage loops
/// over rows. Left as it is where nothing can be recomputed.
inline void recompute_one(Schedule &schedule, std::mt19937 &random) {
  const Graph &graph = *schedule.graph;
  const std::vector<OpId> producer = producers(graph);
  for (std::size_t s = schedule.stages.size(); s-- > 1;) {
    Schedule changed = schedule;
    Stage &stage = changed.stages[s];
    for (const StageOp &reader : schedule.stages[s].ops) {
      for (TensorId input : graph.op(reader.op).inputs) {
        const OpId maker = input == kNone ? kNone : producer[static_cast<std::size_t>(input)];
        const bool here = std::any_of(stage.ops.begin(), stage.ops.end(),
                                      [&](const StageOp &op) { return op.op == maker; });
        if (maker == kNone || here || graph.op(maker).is<Input>()) continue;
        stage.ops.insert(stage.ops.begin(), {maker});
        const bool row = !stage.loops.empty() && stage.loops[0].level == Level::row &&
                         !stage.loops[0].reduction &&
                         axis_of(Level::row, graph.tensor(input).rank()) != kNone;
        if (row)
          stage.inner.push_back(
              {input, Level::row, Level::call, 1 + static_cast<std::int32_t>(random() % 2)});
        if (verify_structure(changed)) {
          schedule = changed;
          return;
        }
        changed = schedule;
      }
    }
  }
}

/// Random loops for a network, with memory; an error where they are not legal.
inline Result<Schedule> random_loops_of(std::shared_ptr<const Graph> graph, std::uint64_t seed) {
  std::mt19937 random(static_cast<std::uint32_t>(seed));
  Schedule schedule = random_schedule(std::move(graph), random);
  if (seed % 4 == 1) push_input(schedule, random);
  if (seed % 3 == 1) recompute_one(schedule, random);
  if (Result<void> ok = verify_structure(schedule); !ok) return tl::unexpected(ok.error());
  const Packing packing = seed % 3 == 0 ? Packing::shared : Packing::apart;
  add_buffers(schedule, packing, seed % 2 == 0);
  add_cursors(schedule, seed % 5 == 0, packing);
  if (Result<Proof> proof = check(schedule); !proof) return tl::unexpected(proof.error());
  return schedule;
}

/// Case number `seed`, or an error where the random schedule is not legal.
inline Result<Schedule> random_loop_case(std::uint64_t seed, ElementType type) {
  RandomGraphOptions options;
  options.type = type;
  options.steps = 2 + static_cast<int>(seed % 7);
  options.most_side = 9;
  return random_loops_of(std::make_shared<const Graph>(random_graph(seed, options)), seed);
}

}  // namespace thimble::test
