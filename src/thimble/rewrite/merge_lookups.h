// Chains of functions of one byte.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// Element-wise operators on 8-bit data whose results depend on one byte of one tensor, by way of tensors
/// that nobody else reads, become one LOOKUP of that tensor:
///
///   x -> MUL constant -> SUB constant              LOOKUP x
///   x -> LOGISTIC -> MUL x                         LOOKUP x
///   x -> ADD constant -> MUL x -> MUL constant     LOOKUP x
///
/// The table holds what the interpreter makes of each of the 256 bytes, so that it is exact.
Result<Graph> merge_lookups(Graph graph);

}  // namespace thimble
