// A stream as a schedule: time is its outermost loop.
//
//   x  --conv, 3 taps-->  y  --relu-->  z        state   x, a ring of 3 frames; counters of calls
//                                                arena   y and z, one element each, for as long as a call
#pragma once

#include "thimble/device/profile.h"
#include "thimble/schedule/schedule.h"
#include "thimble/stream/extras.h"
#include "thimble/stream/rings.h"

namespace thimble::stream {

struct StreamOptions {
  std::optional<int> axis = {};  ///< of time in the input; without, the only one that it can be
  StreamMode mode = StreamMode::scheduled;
  KernelSet kernels = KernelSet::portable;
  Extras extras = {};
  std::int32_t alignment = 4;  ///< bytes, of every buffer's offset; a power of two
};

struct StreamPlan {
  TimeAxes axes;  ///< of the window's graph, as are the rates
  Rates rates;
  Rings rings;                    ///< of the window's graph: with views, the least that a stream could keep
  Recording recording;            ///< what the schedule's graph is
  std::int32_t cut = 0;           ///< operators that are in parts
  std::vector<Diagnostic> whole;  ///< why others that were to be are not
  Schedule schedule;              ///< has passed `check`

  /// The call in which element 0 of the output is handed out, and calls from one element to the next.
  std::int64_t first_output = 0, output_period = 1;
};

/// Fails where time cannot be told (with the candidates), or at the operator that cannot be streamed.
Result<StreamPlan> plan_stream(const Graph &graph, const StreamOptions &options = {});

}  // namespace thimble::stream
