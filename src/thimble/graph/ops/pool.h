// What AVERAGE_POOL_2D and MAX_POOL_2D share.
#pragma once

#include "thimble/graph/ops/support.h"

namespace thimble::rules {

template <class Pool>
Window pool_rows(const Pool &pool) {
  return {pool.filter.rows, pool.stride.rows, 1, pool.padding.top, pool.padding.bottom};
}

template <class Pool>
Window pool_columns(const Pool &pool) {
  return {pool.filter.columns, pool.stride.columns, 1, pool.padding.left, pool.padding.right};
}

template <class Pool>
Result<Shape> pool_shape(const Pool &pool, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  const Tensor &x = input(graph, op, 0);
  if (auto ok = expect_rank(graph, op, x, 4, "the input"); !ok) return tl::unexpected(ok.error());
  const auto height = window_positions(graph, op, "rows", x.shape[1], pool_rows(pool));
  if (!height) return tl::unexpected(height.error());
  const auto width = window_positions(graph, op, "columns", x.shape[2], pool_columns(pool));
  if (!width) return tl::unexpected(width.error());
  // The taps of one window are counted in an int32.
  if (std::int64_t{pool.filter.rows} * pool.filter.columns > (std::int64_t{1} << 24)) {
    return refuse(graph, op, "has a filter of more than 2^24 taps");
  }
  return Shape{x.shape[0], *height, *width, x.shape[3]};
}

template <class Pool>
Footprint pool_footprint(const Pool &pool) {
  return {AxisMap::same(0), window_map(1, pool_rows(pool)), window_map(2, pool_columns(pool)),
          AxisMap::same(3)};
}

}  // namespace thimble::rules
