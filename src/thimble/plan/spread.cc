#include "thimble/plan/spread.h"

#include <algorithm>

#include "thimble/plan/buffers.h"
#include "thimble/schedule/check.h"

namespace thimble {

bool within_limit(const Schedule &schedule, const PlanOptions &options) {
  return !options.ram_limit || total_bytes(schedule.regions) <= *options.ram_limit;
}

PlanOptions with_room(PlanOptions options) {
  if (options.memories.empty()) return options;
  std::int64_t room = 0;
  for (const Memory &memory : options.memories) room += memory.bytes;
  options.ram_limit = std::min(options.ram_limit.value_or(room), room);
  return options;
}

namespace {

/// As spread_buffers, and within the limit for all memories together: while the choice exceeds it, the
/// slowest memory in use is made smaller by as much.
RegionChoice spread_within(Schedule &schedule, const PlanOptions &options, const BufferOptions &buffers) {
  constexpr int kTries = 8;
  const Schedule in_one = schedule;
  std::vector<Memory> memories = options.memories;
  std::int64_t bound = 0;  // of the first try: smaller memories cannot do better
  for (int i = 0; i < kTries; ++i) {
    RegionChoice choice = spread_buffers(schedule, memories, buffers);
    if (!choice.found && i > 0) break;
    if (i == 0) bound = choice.bound_cycles;
    choice.bound_cycles = bound;
    if (!choice.found || within_limit(schedule, options)) return choice;
    const auto slowest = std::max_element(
        schedule.regions.begin(), schedule.regions.end(),
        [](const MemoryRegion &a, const MemoryRegion &b) { return a.wait_cycles < b.wait_cycles; });
    const auto memory = std::find_if(memories.begin(), memories.end(),
                                     [&](const Memory &one) { return one.name == slowest->name; });
    memory->bytes =
        std::max<std::int64_t>(0, slowest->size - (total_bytes(schedule.regions) - *options.ram_limit));
    schedule = in_one;
  }
  // The arena as it is needs the least.
  if (!within_limit(in_one, options)) return {};
  std::erase_if(memories = options.memories,
                [&](const Memory &memory) { return memory.bytes < in_one.regions[0].size; });
  const auto fastest =
      std::min_element(memories.begin(), memories.end(),
                       [](const Memory &a, const Memory &b) { return a.wait_cycles < b.wait_cycles; });
  if (fastest == memories.end()) return {};
  RegionChoice choice = spread_buffers(schedule, std::span(&*fastest, 1), buffers);
  choice.bound_cycles = bound;
  return choice;
}

}  // namespace

Result<void> spread_plan(Plan &plan, const PlanOptions &options) {
  const Schedule in_one = plan.schedule;
  plan.fits = false;
  // Windows take turns in all but unusual stages; the proof decides.
  for (const bool share_windows : {true, false}) {
    const BufferOptions buffers{options.alignment, options.input == InputMode::kept, 0, true, share_windows};
    const RegionChoice choice = spread_within(plan.schedule, options, buffers);
    plan.stall_cycles = choice.stall_cycles;
    plan.stall_bound_cycles = choice.bound_cycles;
    if (!choice.found) break;
    auto proof = check(plan.schedule);
    plan.fits = proof.has_value();
    if (proof) return {};
    if (!share_windows) return tl::unexpected(proof.error());
    plan.schedule = in_one;
  }
  plan.schedule = in_one;
  return {};
}

}  // namespace thimble
