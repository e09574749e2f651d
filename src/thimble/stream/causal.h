// The causal form of a network over time: what it pads behind the window it pads before it.
//
//   trained   . x0 x1 x2 x3 .     conv of 3 taps, SAME: y0 reads x0 and x1, and needs the next frame
//   causal    . . x0 x1 x2 x3     the same taps: y0 reads nothing newer than x0, and comes with it
//
// That is another function: the same weights over frames that are one older. A network has to be trained so.
#pragma once

#include "thimble/stream/time_axis.h"

namespace thimble::stream {

struct Causal {
  Graph graph;
  std::vector<OpId> moved;  ///< the operators whose padding has been moved
};

/// All tensors keep their shapes.
Causal make_causal(Graph graph, const TimeAxes &axes);

}  // namespace thimble::stream
