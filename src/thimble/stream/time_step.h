// Time through one operator.
#pragma once

#include <span>

#include "thimble/stream/time_axis.h"

namespace thimble::stream {

struct TimeStep {
  TimeAxis output;
  std::vector<std::optional<TimeMap>> maps;  ///< by input
};

/// Where time runs in the operator's output, given where it runs in its inputs (`tensors`, by tensor). Fails
/// where elements of time cannot be told apart, change their order, or are not treated all alike.
Result<TimeStep> time_step(const Graph &graph, const Op &op, std::span<const TimeAxis> tensors);

}  // namespace thimble::stream
