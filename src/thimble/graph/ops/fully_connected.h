// How FULLY_CONNECTED cuts its input into rows of features; shared by its rules and its interpreter.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// Input axes [first_axis, rank) are the features of one row, flattened; the axes before count the rows.
///
///   x [2,5,8],   in 8   -> first_axis 2, 8 elements along it of 1 feature each
///   x [1,4,4,8], in 128 -> first_axis 1, 4 elements along it of 32 features each
///   x [3,4],     in 6   -> rows cross the axes: first_axis -1
struct FeatureAxes {
  int first_axis = kNone;
  std::int32_t features_per_index = 1;  ///< features in one index of the first axis
};

/// `features` = columns of the weights.
FeatureAxes feature_axes(const Shape &input, std::int32_t features);

struct FeatureRange {
  std::int64_t begin = 0, count = 0;
};
/// Features of a row that a part of the reduction sums; all of them where it has no parts.
FeatureRange summed_features(const Graph &graph, const Op &op, const Range &reduction);

}  // namespace thimble
