// Private to the layer: which channels can go, and what their removal adds to biases.
#pragma once

#include "thimble/rewrite/channel_classes.h"
#include "thimble/rewrite/value_ranges.h"

namespace thimble {

/// The classes that have to stay are marked; all others can go at once. The largest such choice: a channel is
/// needed only by sums that stay themselves.
ChannelClasses choose_channels(const Graph &graph, const std::vector<ChannelRanges> &ranges);

/// For each output of `op`, a ChannelSum, what the removed channels of its input add to its bias; `x` are the
/// ranges of the input.
std::vector<std::int64_t> folded_into_bias(const Graph &graph, const Op &op, const ChannelSum &sum,
                                           const ChannelClasses &classes, const ChannelRanges &x);

/// The type that a bias of `op` has, or would have.
ElementType bias_type(const Graph &graph, const Op &op);

}  // namespace thimble
