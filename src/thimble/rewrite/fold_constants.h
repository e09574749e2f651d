// What does not depend on the network's inputs is computed once, here.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// Operators with only constant inputs are evaluated by the interpreter and their results become constants,
/// within the limits of thimble/graph/fold.h. An operator that computes a network output stays.
Result<Graph> fold_constants(Graph graph);

}  // namespace thimble
