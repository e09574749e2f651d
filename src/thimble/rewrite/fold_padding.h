// Explicit padding: exporters put a PAD in front of a strided convolution where TensorFlow Lite's SAME would
// pad on other sides. As an operator of its own it copies the whole map.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// PAD of rows and columns becomes the padding of the operators that read it, when all of them can take it:
///
///   x [1,8,8,3] -> PAD {0,0,0,0},{0,1,1,0} -> [1,9,9,3] -> CONV_2D 3x3 / 2, no padding -> [1,4,4,5]
///   x [1,8,8,3] -> CONV_2D 3x3 / 2, padding bottom 1, right 1                          -> [1,4,4,5]
///
/// CONV_2D and DEPTHWISE_CONV_2D take their own padding for the zero point of their input, which is what PAD
/// writes; integers multiply it by nothing but 0, and a float sum (which starts at +0) is not changed by
/// adding products with 0, provided that the weights are finite. Multiply-accumulates stay the same: padding
/// taps count.
///
/// MAX_POOL_2D passes over its own padding, PAD's zeros take part: equal only where the stored zero is the
/// least value of the type (int8 behind a ReLU). AVERAGE_POOL_2D divides by the taps inside the map, so that
/// PAD's zeros weigh and its own padding does not: never equal. Padding as wide as the filter stays a PAD,
/// too: the kernels do not have windows that lie outside the map. A PAD by nothing becomes a RESHAPE.
Result<Graph> fold_padding(Graph graph);

}  // namespace thimble
