// The batch that a stream is: the network run on all of its frames at once.
#pragma once

#include "thimble/report/stream.h"

namespace thimble::report {

/// Elements of time of the output for the frames of `steps`, those of one step together. `ended`: all that a
/// batch of exactly these frames has, which must be a window and whole periods more; else those that the
/// steps hand out, whatever comes behind.
Result<std::vector<Bytes>> batch_outputs(const StreamNetwork &stream, const std::vector<Inference> &steps,
                                         bool ended);

/// The least steps whose frames are a window and two or more whole periods; 0: there are none.
std::int64_t steps_of_a_batch(const StreamNetwork &stream);

}  // namespace thimble::report
