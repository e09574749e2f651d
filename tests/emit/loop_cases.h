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

/// Case number `seed`, or an error where the random schedule is not legal.
inline Result<Schedule> random_loop_case(std::uint64_t seed, ElementType type) {
  RandomGraphOptions options;
  options.type = type;
  options.steps = 2 + static_cast<int>(seed % 7);
  options.most_side = 9;
  std::mt19937 random(static_cast<std::uint32_t>(seed));
  Schedule schedule = random_schedule(std::make_shared<const Graph>(random_graph(seed, options)), random);
  if (Result<void> ok = verify_structure(schedule); !ok) return tl::unexpected(ok.error());
  const Packing packing = seed % 3 == 0 ? Packing::shared : Packing::apart;
  add_buffers(schedule, packing, seed % 2 == 0);
  add_cursors(schedule, seed % 5 == 0, packing);
  if (Result<Proof> proof = check(schedule); !proof) return tl::unexpected(proof.error());
  return schedule;
}

}  // namespace thimble::test
