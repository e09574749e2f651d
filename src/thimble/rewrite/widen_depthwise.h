// Depthwise convolutions that are ordinary ones.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// DEPTHWISE_CONV_2D of one input channel becomes CONV_2D: every output channel reads that one. The weights
/// [1, kh, kw, outputs] are turned to [outputs, kh, kw, 1]; sums and scales are the same.
Result<Graph> widen_depthwise(Graph graph);

}  // namespace thimble
