// Computing a map a second time instead of keeping it: squeeze-and-excite blocks.
//
// Such a block reduces a wide map to one value per channel, and then scales the map by it. The map must wait
// for the values, or be computed again from the narrow tensor before it:
//
//   x --expand--> --depthwise--> t --mean--> ... --> s         stage 1: t row by row, into sums
//                                t ------------------\.
//   x --expand--> --depthwise--> t, again ----------- t * s --project-->    stage 2: t row by row, once more
//
// To the search the second pass is a graph with copies of these operators; in the schedule that comes out of
// it they are the originals, which fire in two stages.
#pragma once

#include <memory>
#include <optional>

#include "thimble/schedule/schedule.h"

namespace thimble {

/// A map that may be computed again for its last reader.
struct ComputedTwice {
  TensorId tensor = kNone;
  OpId reader = kNone;      ///< that needs it late
  std::vector<OpId> chain;  ///< the operators that compute it from a narrow tensor, in order
  std::int64_t macs = 0;    ///< of the chain
};

/// All such maps of a graph, the largest first. `arrives_once`: what is computed from network inputs cannot
/// be computed again.
std::vector<ComputedTwice> find_computed_twice(const Graph &graph, bool arrives_once);

/// A graph in which the maps are computed twice.
struct SecondPass {
  std::shared_ptr<const Graph> graph;
  std::vector<OpId> ops;          ///< by operator of `graph`: the original's
  std::vector<TensorId> tensors;  ///< by tensor of `graph`: the original's
  std::int64_t macs = 0;          ///< of the copies
};
SecondPass make_second_pass(const Graph &graph, const std::vector<ComputedTwice> &maps);

/// The schedule of the original graph that fires as this one of `pass.graph` does; nothing where a map would
/// have two places that all stages see.
std::optional<Schedule> to_original(const Schedule &schedule, const SecondPass &pass,
                                    std::shared_ptr<const Graph> original);

}  // namespace thimble
