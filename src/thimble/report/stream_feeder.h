// Running a stream where networks are run: each call is an inference.
#pragma once

#include <string>

#include "thimble/report/stream.h"
#include "thimble/target/emulate.h"

namespace thimble::report {

/// What the feeder does with the state before it takes the frame.
enum class Feed : std::uint8_t {
  step = 0,   ///< nothing
  reset = 1,  ///< resets it, and takes no frame
  move = 2,   ///< copies it away, overwrites it, and copies it back
};

/// A caller of a stream with the entry points that firmware is run by: NAME_fed_run(memory) finds what to do
/// and a frame in NAME_fed_arena, and leaves there whether an output was due, and the output.
struct StreamFeeder {
  std::string name;          ///< NAME_fed
  std::string source;        ///< C text of NAME_fed.c
  ArenaInterface interface;  ///< inputs: what to do, frame; outputs: whether due, output
};
StreamFeeder make_stream_feeder(const StreamNetwork &stream);

/// The inputs of a call.
TensorBytes call_inputs(Feed feed, const Bytes &frame);

}  // namespace thimble::report
