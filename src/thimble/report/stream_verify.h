// A stream against the batch: the outputs of its calls, one behind the other, are the batch's bytes.
#pragma once

#include "thimble/report/stream_calls.h"

namespace thimble::report {

struct StreamRun {
  std::string on;  ///< "schedule", or a target's name
  std::int64_t mismatched_bytes = 0;
  std::optional<CallFigures> instructions = {}, cycles_estimate = {};
  /// Those between the arrival of frames and the outputs: less where NAME_pre has something to do.
  std::optional<CallFigures> instructions_with_frame = {};
  std::optional<std::int64_t> stack_bytes = {};

  void count(const StepFigures &figures) {
    instructions = figures.instructions;
    cycles_estimate = figures.cycles_estimate;
    instructions_with_frame = figures.instructions_with_frame;
    stack_bytes = figures.stack_bytes;
  }
};

struct StreamVerification {
  std::int64_t steps = 0;
  std::uint32_t seed = 0;
  std::int64_t outputs = 0;       ///< elements of time that the steps hand out
  std::int64_t output_bytes = 0;  ///< compared per executor
  /// Windows that the network as it was before it was made a stream was run on, and bytes of theirs that
  /// were compared: those of the first window, and where the stream is a sliding window of others, too.
  std::int64_t windows = 0, window_bytes = 0;
  std::int64_t flushed = 0;     ///< outputs that a stream of a whole batch still gave at its end, here
  std::int64_t inferences = 0;  ///< in place of windows: of the network with states, as it is in the file
  std::int64_t mismatched_bytes = 0;
  std::vector<StreamRun> runs;
  Flash flash;
};

/// Frames from a generator (random_inputs.h) of the given seed, as many as `check` has proved the schedule
/// by: each place in each ring is used several times.
Result<StreamVerification> verify_stream(const StreamNetwork &stream, std::uint32_t seed, const Step &step);

}  // namespace thimble::report
