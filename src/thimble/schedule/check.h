// A proof, by simulation, that a schedule is legal. Shares no code with whatever made the schedule: it walks
// the firings with a shadow of every byte.
#pragma once

#include "thimble/schedule/firing.h"

namespace thimble {

/// What was proved, for reports.
struct Proof {
  std::int64_t firings = 0;
  std::int64_t bytes_read = 0;  ///< bytes proved to hold what is read, in firings and at both ends
  std::int64_t bytes_written = 0;
};

/// Proves that
///  - every byte that a firing reads was written by the right producer, is complete (all parts of its
///    reduction summed) and has not been overwritten since;
///  - every operator's reduction parts come in order, once, with the right `first` and `last`;
///  - every network output is complete at the end;
///  - lifetimes say the truth: a buffer is used for the first time in firing `first` and for the last time in
///    `last` (measure_buffer_lifetimes gives these numbers);
///  - whole network inputs are there together when the run begins; no element is asked of the caller twice;
///  - offsets are aligned, sizes are what the layouts need, scratch is what the kernel variant needs, and
///    nothing leaves its region; scratch and accumulators overlap nothing that is live;
///  - a firing whose output shares bytes with its own input is one whose operator allows it.
/// Where the graph keeps states, also that they arrive in the bytes that survive, and that these hold what
/// the next call is to read when the copies at the end of the call are done (schedule.h).
/// In a stream, all of this over the enumerated calls, between which only buffers in regions of kind state
/// keep anything.
/// The error names the first violation: firing, operator, tensor, byte.
Result<Proof> check(const Schedule &schedule);

}  // namespace thimble
