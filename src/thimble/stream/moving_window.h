// One operator of a window as one of a long recording.
#pragma once

#include "thimble/stream/rates.h"

namespace thimble::stream {

/// An input of the operator in the recording.
struct Reading {
  bool over_time = false;
  int axis = kNone;           ///< along which its elements lie
  TimeAxis window = {};       ///< as in the window
  std::int32_t elements = 0;  ///< in the recording
  bool whole = false;       ///< the operator reads all of the window, or one place in it, for its one output
  std::int32_t spread = 1;  ///< elements of the recording from one element of the window to the next
};

struct MovingOp {
  const Graph &window;  ///< the graph that the operator is from
  Graph &recording;     ///< gets the operator, and the shape of its output; its inputs are there
  Op op;
  const std::vector<Reading> &readings;  ///< by input
  int axis = kNone;                      ///< of time in the output
  TimeAxis output = {};                  ///< as in the window
  /// Elements of the output that tensors with as many in the window have in the recording, so that they can
  /// be joined. The last of them are never due: what they would read lies behind the recording.
  std::int32_t elements = 0;
  StreamMode mode = StreamMode::scheduled;
};

Result<void> move_window(MovingOp moving);

}  // namespace thimble::stream
