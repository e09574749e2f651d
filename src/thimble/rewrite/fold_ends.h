// Integer ends: a quantised network that takes and gives float32 spends its first operator on converting the
// input and its last on converting back.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// Removes QUANTIZE directly after a float32 network input, and DEQUANTIZE directly before a network output:
///
///   x float32 -> QUANTIZE -> q int8 -> CONV_2D ... SOFTMAX -> r int8 -> DEQUANTIZE -> y float32
///                            q int8 -> CONV_2D ... SOFTMAX -> r int8
///
/// The integer tensors become the network's ends, under the names of the float ones; their quantisation tells
/// how to convert (thimble/rewrite/convert.h does). An end stays float32 where other operators want its float
/// value too, where an output would become an input or another output, and where an input is converted in two
/// ways.
Result<Graph> fold_quantization_at_ends(Graph graph);

}  // namespace thimble
