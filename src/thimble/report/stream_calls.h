// Calls of an emitted stream, on this machine or on an emulated one.
#pragma once

#include "thimble/report/execute_on.h"
#include "thimble/report/stream_feeder.h"

namespace thimble::report {

struct StreamCalls {
  std::vector<TensorBytes> outputs;  ///< by call: how many outputs were due, and the outputs
  std::vector<Counts> counts;        ///< by call, on emulated targets only
  std::optional<Flash> flash = {};   ///< of the firmware, where calls are counted
};

/// Builds the program with its feeder for a profile (the host under sanitizers) and makes the calls.
Result<StreamCalls> run_calls(const Profile &profile, const EmittedProgram &program,
                              const StreamFeeder &feeder, const std::vector<TensorBytes> &calls,
                              const Step &step);

/// What a step takes; on emulated targets only.
struct CallFigures {
  double average = 0.0;   ///< over whole periods, from the first output on
  std::int64_t peak = 0;  ///< of all steps
};

/// `steps`: what each took. `first`: the step with the first output; `period`: steps until all repeats.
CallFigures figures_of(const std::vector<std::int64_t> &steps, std::int64_t first, std::int64_t period);

/// Most of all calls.
std::int64_t most_stack_bytes(const std::vector<Counts> &counts);

}  // namespace thimble::report
