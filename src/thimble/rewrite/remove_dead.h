// What nobody needs is not computed.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// remove_dead_ops, and without the tensors that no operator touches then.
Result<Graph> remove_dead(Graph graph);

}  // namespace thimble
