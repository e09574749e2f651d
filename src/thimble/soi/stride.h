// Operators with strides over rows and columns.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble::soi {

bool has_stride(const Op &op);

/// Along `axis` (1: rows, 2: columns) of an operator that has strides.
void multiply_stride(Op &op, int axis, std::int32_t factor);

}  // namespace thimble::soi
