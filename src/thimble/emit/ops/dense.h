// Dense layers: FULLY_CONNECTED, and CONV_2D of 1x1 pixels.
#pragma once

#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

/// Where the rows of features lie.
struct DenseRows {
  Access x;                      ///< indexed by the output's axes; the axes of features by none
  std::size_t feature_axis = 0;  ///< the first axis of features: what a part of the reduction counts
};

/// The output's last axis are the outputs, the axes before it count the rows.
Result<void> emit_dense(OpEmission &emission, const DenseRows &rows);

}  // namespace thimble::emitters
