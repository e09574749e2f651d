// Calls of an emitted stream, on this machine or on an emulated one.
#pragma once

#include "thimble/report/execute_on.h"
#include "thimble/report/stream_feeder.h"

namespace thimble::report {

/// How a stream is put through its steps.
enum class Pace : std::uint8_t {
  plain,  ///< a call each
  ahead,  ///< two calls each: what needs no frame, and the rest
  hard,  ///< a call each, after another stream and a reset; every third time the state is moved away and back
};

struct CallList {
  Pace pace = Pace::plain;
  std::vector<TensorBytes> calls;
  std::size_t first = 0;  ///< the call of the first step
};
CallList calls_of(const std::vector<Inference> &steps, Pace pace);

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

struct StepFigures {
  CallFigures instructions, cycles_estimate;
  CallFigures instructions_with_frame;  ///< without what was done ahead
  std::int64_t stack_bytes = 0;         ///< most of all calls
};

/// `first`: the step with the first output; `period`: steps until all repeats.
StepFigures step_figures(const CallList &list, const StreamCalls &made, std::int64_t first,
                         std::int64_t period);

/// Calls `run(profile, hard)` for this machine, and then for the target where that is another one.
template <class Run>
Result<void> on_each_machine(const Profile &target, Run &&run) {
  auto host = load_profile("host");
  if (!host) return tl::unexpected(host.error());
  if (auto ok = run(*host, true); !ok || target.architecture == Architecture::host) return ok;
  return run(target, false);
}

}  // namespace thimble::report
