// What programs that are called again and again have in common, whether time is a loop of their schedule or
// their network keeps states: a state of the caller's, memory for the length of a call, a header.
#pragma once

#include "thimble/emit/render.h"

namespace thimble {

/// Values by the names that templates have for them.
using StreamValues = std::map<std::string, std::string>;

/// NAME, UPPER, BANNER, ALIGNMENT, STATE_BYTES, SCRATCH_BYTES.
StreamValues stream_values(const Program &program);

/// NAME.h. Besides those of `stream_values` it wants FRAMES, MOST, FIRST_CALL, PERIOD, PORTS, INTRODUCTION
/// (lines of a comment) and STEP_DECLARATION.
std::string stream_header(const Program &program, StreamValues values);

/// What the caller hands in or takes out in a step.
struct StreamPort {
  std::string what;  ///< "frame", "output_1": the beginning of its macros
  TensorId tensor = kNone;
  std::int64_t bytes = 0;
  std::string part;  ///< of the tensor, e.g. "one element of time of"
};
std::string stream_port_text(const Program &program, const StreamPort &port);

/// The stage that makes the network's only output.
std::size_t output_stage(const Schedule &schedule);

/// "*phase % 3 == 2": when an element of the stage is due, by the counter of calls; empty: in each call.
std::string due_condition(const Schedule &schedule, std::size_t stage, const std::string &phase);

/// "const NAME_arenas arena[1] = {{...}};", where there are several regions.
std::string stream_arenas(const Program &program);

}  // namespace thimble
