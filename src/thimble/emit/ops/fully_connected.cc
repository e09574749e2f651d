#include "thimble/graph/ops/fully_connected.h"

#include "thimble/emit/ops/dense.h"

namespace thimble::emitters {

Result<void> emit_op(const FullyConnected &dense, OpEmission &emission) {
  const Tensor &x = emission.input(0);
  const std::int32_t features = emission.input(1).shape[1];
  const FeatureAxes axes = feature_axes(x.shape, features);
  DenseRows rows;
  rows.x = {emission.source(0), emission.source_layout(0), std::vector<ArrayIndex>(x.shape.size())};
  const bool whole = rows.x.layout.is_whole();
  if (axes.first_axis != kNone) rows.feature_axis = static_cast<std::size_t>(axes.first_axis);
  if (dense.keep_dims) {
    for (std::size_t a = 0; a < rows.feature_axis; ++a) rows.x.index[a].axis = static_cast<int>(a);
    return emit_dense(emission, rows);
  }
  // The output's rows are the axes before the features, of which one may be longer than 1.
  int longer = 0;
  for (std::size_t a = 0; axes.first_axis != kNone && a < rows.feature_axis; ++a) {
    if (x.shape[a] == 1) continue;
    rows.x.index[a].axis = 0;
    ++longer;
  }
  if (axes.first_axis != kNone && longer <= 1) return emit_dense(emission, rows);
  if (!whole || emission.sums_in_parts())
    return emission.refuse("takes rows of features across axes of a map that folds, which its kernel cannot");
  const Shape flat{static_cast<std::int32_t>(x.elements() / features), features};
  rows.x = Access::same(rows.x.base, Layout{flat, flat, 0, size_of(x.type)});
  rows.feature_axis = 1;
  return emit_dense(emission, rows);
}

}  // namespace thimble::emitters
