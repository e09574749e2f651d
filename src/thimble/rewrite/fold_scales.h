// Factors and offsets per channel beside float filters: batch normalisation as converters leave it.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// MUL, ADD or SUB of one constant per channel becomes part of the weights and the bias of the CONV_2D,
/// DEPTHWISE_CONV_2D or FULLY_CONNECTED that it alone reads or that alone reads it:
///
///   x -> CONV_2D w, no bias -> ADD c -> y             x -> CONV_2D w, bias c -> y
///   x -> CONV_2D w, bias b -> MUL f, RELU -> y        x -> CONV_2D w * f, bias b * f, RELU -> y
///   x -> MUL f -> CONV_2D w -> y                      x -> CONV_2D w * f -> y
///
/// Only where that leaves every bit of every result the same (fold_scales.cc argues why).
Result<Graph> fold_scales(Graph graph);

/// The same wherever no weight overflows or becomes subnormal: `(x * w) * f` and `x * (w * f)` round
/// differently, and so do `(s + b) + c` and `s + (b + c)`.
Result<Graph> fold_floats(Graph graph);

}  // namespace thimble
