// What a network over time takes as a stream, before its memory is planned.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble::soi {

struct Cost {
  double average = 0;            ///< multiply-accumulates of a step
  std::int64_t peak = 0;         ///< of the step with most
  std::int64_t critical = 0;     ///< of a step at most, between the arrival of its frame and its output
  std::int64_t state_bytes = 0;  ///< that live between two steps
  std::int64_t latency = 0;      ///< steps from a frame to the output at its place
  std::int64_t period = 1;       ///< steps after which everything repeats
};

/// Operators fire when a plan lets them: what has slack before the frame, spread over steps where that lowers
/// the peak. Fails where the network cannot be streamed.
Result<Cost> stream_cost(const Graph &graph, int input_axis);

}  // namespace thimble::soi
