// Branches that read the same map through filters of the same geometry and meet again at once.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// CONV_2Ds (of one group) or FULLY_CONNECTEDs on one input, neighbours in a CONCATENATION of channels that
/// alone reads them, are one filter with the channels of all:
///
///   x -> CONV_2D 3x3, 8 channels  -+
///   x -> CONV_2D 3x3, 4 channels  -+-> CONCATENATION -> y       x -> CONV_2D 3x3, 12 channels -> y
///
/// Every output element is the same sum as before. Their outputs must have one quantisation, that of the
/// CONCATENATION's output; weights quantised per tensor get one scale per channel where the scales differ.
/// DEPTHWISE_CONV_2D stays: its output channels go with the input's, those of two stand one behind the other.
Result<Graph> merge_filters(Graph graph);

}  // namespace thimble
