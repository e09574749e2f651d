// The batch that a network with states once was: as many inferences as one likes as one inference, on all of
// their frames, without states.
//
//   x [1,3,40], 3 frames per inference        x [1,60,40], 20 inferences
//   state [1,2,1,40] + x  -> conv, stride 3   pad 2 before -> conv, stride 3
//   y [1,1]                                   y [20,1]
//
// Streamed again its tensors become rings, and it is the oracle of what was done to it.
#pragma once

#include <optional>

#include "thimble/stream/histories.h"

namespace thimble::stream {

struct Batch {
  Graph graph;
  int axis = kNone;         ///< of time in the input
  std::int32_t frames = 0;  ///< that one inference of the network with states takes
  std::int32_t inferences = 0;
};

/// Enough inferences for everything to depend on frames alone in the end. `axis`: of time in the input;
/// without, the first behind the batch's that it can be. Fails where a state is more than the last elements
/// of one tensor, and where an inference computes something that a batch would not.
Result<Batch> without_states(const Graph &graph, std::optional<int> axis = {});

}  // namespace thimble::stream
