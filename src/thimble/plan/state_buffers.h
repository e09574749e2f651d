// Memory of a schedule whose graph keeps states: a region of bytes that the caller has for each stream, and
// one for what lives within a call.
//
// Each state has a home in the region of states. There its bytes arrive, and there the next ones are made
// where that is possible: then nothing is copied, and they need no place of their own. While a state's bytes
// are dead in between, its home is as good as any other place:
//
//   before [4 rows] --concat with a frame--> t [5 rows] --slice--> after [4 rows]        t --conv--> ...
//
//   home of 5 rows    |before----------|      |t-------------------|      |after-----------|
#pragma once

#include "thimble/plan/buffers.h"

namespace thimble {

/// Index into Schedule::regions.
constexpr std::int32_t kStepRegion = 0, kStateRegion = 1;

/// Fills in `schedule.buffers` and both regions, the first of which may be empty. What shares a home is found
/// by trial: the proof (check) decides.
Result<void> plan_state_buffers(Schedule &schedule, const BufferOptions &options);

}  // namespace thimble
