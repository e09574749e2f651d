// What is computed twice is computed once.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// Of operators with equal kind, attributes and inputs whose outputs have one shape, type and quantisation,
/// the first is kept and read by all. Of constants with equal bytes and meaning one is kept, so that
/// operators that differ in nothing else are found. Two network outputs stay two: each has a place of its
/// own.
Result<Graph> merge_common(Graph graph);

}  // namespace thimble
