// Clamps that never bind.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// An activation of a quantised operator becomes RELU or none where that clamps every result that the
/// operator can give (value_ranges.h) in the same way: RELU6 where 6 is beyond the type or out of reach, RELU
/// where the zero point is the type's least value.
Result<Graph> relax_activations(Graph graph);

}  // namespace thimble
