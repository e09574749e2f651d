// The one enumerator of what runs when. `check`, `execute`, `cost` and the reports all consume it, and the
// emitted C realises the same sequence.
#pragma once

#include <functional>

#include "thimble/schedule/schedule.h"

namespace thimble {

/// The entry point of the emitted program during which a firing happens.
enum class Entry : std::uint8_t {
  reset,  ///< once, before the first frame of a stream
  frame,  ///< before the run: the caller puts a whole input in place
  push,   ///< the caller hands in a row
  step,   ///< one time step of a stream
  run,    ///< the call that computes
};
const char *name_of(Entry entry);

/// One execution of one operator on one tile.
struct Firing {
  std::int64_t index = 0;  ///< 0, 1, 2, ... in execution order
  std::int32_t stage = 0;
  OpId op = kNone;
  std::int32_t variant = 0;
  Region tile;        ///< of the output
  Range reduction;    ///< part of the reduction that is summed (see reduction_extent)
  bool first = true;  ///< initialises the tile
  bool last = true;   ///< requantises the tile
  Entry entry = Entry::run;
  std::int32_t call = 0;  ///< of a stream; below 0 during its reset
};

/// Whether the caller may have done something else between these two firings of a stream: between calls, and
/// where what is done before the frame ends.
inline bool is_another_entry(const TimeLoop &time, const Firing &one, const Firing &next) {
  return one.call != next.call || (one.stage < time.before && next.stage >= time.before);
}

/// What Buffer::first and last count: firings, or in a stream the stages of a call.
inline std::int64_t life_of(const Schedule &schedule, const Firing &firing) {
  return schedule.time ? firing.stage : firing.index;
}

/// Calls `visit` for every firing of one run of the network, or of all enumerated calls of a stream, in
/// execution order. The schedule must have passed `verify_structure`.
void for_each_firing(const Schedule &schedule, const std::function<void(const Firing &)> &visit);

/// The firings of one stage only, numbered from 0.
void for_each_firing_of(const Schedule &schedule, std::int32_t stage,
                        const std::function<void(const Firing &)> &visit);

std::int64_t count_firings(const Schedule &schedule);

}  // namespace thimble
