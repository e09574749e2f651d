// Running a stream where networks are run: each step is an inference.
#pragma once

#include <string>

#include "thimble/report/stream.h"
#include "thimble/target/emulate.h"

namespace thimble::report {

/// What the feeder does with the state before it takes the frames.
enum class Feed : std::uint8_t {
  step = 0,   ///< nothing
  reset = 1,  ///< resets it, and takes no frames
  move = 2,   ///< does what needs no frame, copies it away, overwrites it, and copies it back
  pre = 3,    ///< does what needs no frame, and takes none
  flush = 4,  ///< ends the stream, and takes no frames
};

/// A caller of a stream with the entry points that firmware is run by: NAME_fed_run(memory) finds what to do
/// and frames in NAME_fed_arena, and leaves there how many outputs were due, and the outputs.
struct StreamFeeder {
  std::string network;       ///< NAME
  std::string name;          ///< NAME_fed
  std::string source;        ///< C text of NAME_fed.c
  ArenaInterface interface;  ///< inputs: what to do, frames; outputs: how many, outputs
};
StreamFeeder make_stream_feeder(const StreamNetwork &stream);

/// What every feeder's source begins with: NAME_fed_arena of so many bytes, and `move` of a state.
std::string feeder_beginning(const std::string &name, std::int64_t bytes);

/// The inputs of a step.
TensorBytes step_inputs(Feed feed, const Inference &frames);

}  // namespace thimble::report
