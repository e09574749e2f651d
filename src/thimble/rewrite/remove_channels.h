// Channels that hold one value whatever the input, and channels that nobody reads, are not computed.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// Removes channels of quantised tensors that are proved constant (value_ranges.h) or that are multiplied by
/// nothing but zeros. What a constant channel v adds to a sum becomes part of its bias:
///
///   b + sum over c of w[c] * (x[c] - z)   ->   b + w[k] * (v - z)  +  sum over the others
///
/// exactly, in 64 bits. A channel goes from every tensor that it passes through (channel_classes.h), with its
/// rows and columns of weights. It stays
///   - where a bias would leave its type,
///   - where it is not the zero point and meets weights that may lie in the padding: at the border the sum
///     lacks its taps,
///   - in network inputs and outputs, and in the last channel that a tensor has left.
/// Fails never on a verified graph.
Result<Graph> remove_channels(Graph graph);

}  // namespace thimble
