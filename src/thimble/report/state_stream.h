// The stream of a network that keeps its own states: each step is one inference of the file's network.
#pragma once

#include "thimble/report/stream.h"

namespace thimble::report {

struct StateStream {
  StreamRequest request;
  Network network;            ///< with its plan
  std::string no_rings = {};  ///< why its states have not become rings

  const Schedule &schedule() const { return network.schedule; }
};

/// Whether the options speak of frames in a window.
bool is_about_time(const StreamRequest &request);

/// plan -> check, of a network that has been read and rewritten. Refuses options that speak of frames in a
/// window.
Result<StateStream> plan_state_stream(Network network, const StreamRequest &request);

/// Schedule -> C sources.
Result<EmittedProgram> emit_stream(const StateStream &stream);

}  // namespace thimble::report
