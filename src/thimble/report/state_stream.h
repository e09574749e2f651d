// The stream of a network that keeps its own states: each step is one inference of the file's network.
#pragma once

#include "thimble/report/stream.h"

namespace thimble::report {

struct StateStream {
  StreamRequest request;
  Network network;  ///< with its plan

  const Schedule &schedule() const { return network.schedule; }
};

/// Whether a request has options that mean something only where time is an axis of the input.
bool speaks_of_frames(const StreamRequest &request);

/// plan -> check, of a network that has been read and rewritten. Refuses options that speak of frames in a
/// window.
Result<StateStream> plan_state_stream(Network network, const StreamRequest &request);

/// Schedule -> C sources.
Result<EmittedProgram> emit_stream(const StateStream &stream);

}  // namespace thimble::report
