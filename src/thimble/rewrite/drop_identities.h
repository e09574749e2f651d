// Operators that change nothing.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// An operator on integers whose output holds the bytes of its input becomes a RESHAPE, which merge_reshapes
/// then removes: QUANTIZE to the quantisation that is there already, MEAN of one element each, pools of one
/// tap, STRIDED_SLICE of everything, CONCATENATION of one input, RESIZE_NEAREST_NEIGHBOR to the same size.
/// Those that only move elements go on floats, too; averages of one float do not: 0 + -0 is +0.
Result<Graph> drop_identities(Graph graph);

}  // namespace thimble
