// What nobody needs is not computed.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// Removes operators whose results reach no network output, in this inference or through states in a later
/// one; states that reach none; and tensors that no operator touches. Network inputs stay, used or not: they
/// are the caller's interface.
Result<Graph> remove_dead(Graph graph);

}  // namespace thimble
