// States that hold the last elements of a tensor: what a network that was made for streaming remembers of its
// own past becomes padding again, as in the batch that it once was.
//
//   state s [1,2,1,24], as read          x [1,1,1,24]           x
//      \___________ concat __________________/                  pad 2 before
//                     |                                          |
//                     t [1,3,1,24] --slice [1:]--> s, as written t [1,3,1,24]
//                     |                                          |
//                    conv of 3 taps                             conv of 3 taps
//
// The result computes what the network computes in its first inference. Run on more frames at once
// (without_states.h), it computes what the others do, too.
#pragma once

#include <vector>

#include "thimble/base/result.h"
#include "thimble/graph/graph.h"

namespace thimble::stream {

/// An operator that pads in place of what a state gave.
struct History {
  TensorId tensor = kNone;  ///< its output
  int axis = kNone;         ///< along which the elements of the state lie
};

struct Forgotten {
  Graph graph;  ///< without states
  std::vector<History> histories;
};

/// Fails at the first state that is more than the last elements of one tensor: that is computed from itself,
/// or begins with other bytes than padding has.
Result<Forgotten> forget_histories(const Graph &graph);

}  // namespace thimble::stream
