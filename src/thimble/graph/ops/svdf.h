// Types that the two halves of an SVDF share.
#pragma once

#include "thimble/graph/ops/support.h"

namespace thimble::rules {

/// Input 0 with weights of input 1, all float32, or integers: `weights` of one symmetric scale.
Result<void> expect_svdf_types(const Graph &graph, const Op &op, ElementType weights);

}  // namespace thimble::rules
