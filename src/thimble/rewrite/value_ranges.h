// Which values each channel of a tensor can take, whatever the network's inputs hold.
#pragma once

#include "thimble/graph/parameters.h"

namespace thimble {

/// Stored values, one range per channel (index of the last axis). Empty where nothing is known: floats, wide
/// integers.
using ChannelRanges = std::vector<IntegerRange>;

/// Ranges of all tensors that are computed, and of constants that are operands. Every value that an operator
/// can give is in its range; a range of one value is that value for every input of the network. Ends are
/// computed by the operators' own integer arithmetic. The whole is empty for networks beyond some 10^8
/// weights (used twice: counted twice) or 10^7 channels, which a hostile file may claim to have.
std::vector<ChannelRanges> value_ranges(const Graph &graph);

/// Of the results of `op` before its activation clamps them; empty for operators without one.
ChannelRanges ranges_before_activation(const Graph &graph, const Op &op,
                                       const std::vector<ChannelRanges> &ranges);

}  // namespace thimble
