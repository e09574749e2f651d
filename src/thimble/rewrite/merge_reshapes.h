// RESHAPE changes no byte: chains of them say nothing that the last one does not say.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// RESHAPE of a RESHAPE reads the first one's input. A RESHAPE to the shape that its input has goes away,
/// also where its result is a network output (the operator above then writes the output), unless that would
/// join two ends of the network. Integer tensors must agree in their quantisation for this.
Result<Graph> merge_reshapes(Graph graph);

}  // namespace thimble
