// Running the stream of a network with states where networks are run.
#pragma once

#include "thimble/report/state_stream.h"
#include "thimble/report/stream_feeder.h"

namespace thimble::report {

/// As make_stream_feeder; the interface's inputs are what to do and then each input of the network, its
/// outputs how many outputs were due and then each of them.
StreamFeeder make_state_feeder(const StateStream &stream);

}  // namespace thimble::report
