// buffer_of and buffer_of_op for all operators of one stage at once, for those who ask at every firing.
#pragma once

#include "thimble/schedule/schedule.h"

namespace thimble {

/// Indices into Schedule::buffers as seen from one stage; kNone where there is none (constants).
struct StageBuffers {
  StageBuffers(const Schedule &schedule, std::int32_t stage);

  std::int32_t of(TensorId tensor) const { return tensors[static_cast<std::size_t>(tensor)]; }
  std::int32_t accumulator_of(OpId op) const { return accumulators[static_cast<std::size_t>(op)]; }
  std::int32_t scratch_of(OpId op) const { return scratches[static_cast<std::size_t>(op)]; }

  std::vector<std::int32_t> tensors;       ///< by tensor of the graph
  std::vector<std::int32_t> accumulators;  ///< by operator of the graph
  std::vector<std::int32_t> scratches;     ///< by operator of the graph
};

}  // namespace thimble
