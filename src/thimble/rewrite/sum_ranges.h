// Private to the layer: ranges of the results of CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, per output
// channel, before the activation clamps them.
#pragma once

#include "thimble/rewrite/value_ranges.h"

namespace thimble {

/// `x` are the ranges of the input's channels.
ChannelRanges sum_ranges(const Graph &graph, const Op &op, const ChannelRanges &x);

}  // namespace thimble
