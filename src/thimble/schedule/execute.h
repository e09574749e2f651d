// Runs a schedule on the host, in its own memory regions, with every dead byte poisoned: a plan that reads
// one gives a wrong answer.
#pragma once

#include "thimble/graph/interpret.h"
#include "thimble/schedule/firing.h"

namespace thimble {

struct ExecuteOptions {
  std::uint8_t poison = 0xA5;  ///< value of bytes that hold nothing
};

/// Network outputs (bytes, file order) of one run, or of all enumerated calls of a stream; elements of time
/// that those do not make are poison. `inputs` as for `interpret`.
Result<std::vector<Bytes>> execute(const Schedule &schedule, const std::vector<Bytes> &inputs,
                                   const ExecuteOptions &options = {});

/// One call of many: `states` goes from each to the next, as for `interpret`.
Result<std::vector<Bytes>> execute(const Schedule &schedule, const std::vector<Bytes> &inputs,
                                   StateBytes &states, const ExecuteOptions &options = {});

}  // namespace thimble
