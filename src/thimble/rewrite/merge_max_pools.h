// Maxima of maxima.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// MAX_POOL_2D of a MAX_POOL_2D that only it reads is one with a larger window, where the windows of the
/// first leave no gaps:
///
///   MAX_POOL_2D 2x1 / 2x1 -> MAX_POOL_2D 1x2 / 1x2     MAX_POOL_2D 2x2 / 2x2
///
/// Only where that reads no more elements and where the pixels that a stage keeps become fewer: two maxima of
/// 2x2 keep two rows and two of half the width, one of 4x4 keeps four. Floats only where no -0 can come: of
/// equal elements the first is taken, and the first of 0 and -0 is another in another order.
Result<Graph> merge_max_pools(Graph graph);

}  // namespace thimble
