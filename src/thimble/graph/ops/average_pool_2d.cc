#include "thimble/graph/ops/pool.h"
#include "thimble/graph/ops/whole_map.h"

namespace thimble::rules {

Result<Shape> output_shape(const AveragePool2D &pool, const Graph &graph, const Op &op) {
  return pool_shape(pool, graph, op);
}

Result<void> check_types(const AveragePool2D &, const Graph &graph, const Op &op) {
  return expect_arithmetic(graph, op);
}

/// Over the whole map it is a sum that may be done row by row.
Footprint footprint(const AveragePool2D &pool, const Graph &graph, const Op &op, int) {
  if (!pools_whole_map(pool, input(graph, op, 0).shape)) return pool_footprint(pool);
  return {AxisMap::same(0), AxisMap::reduced(), AxisMap::reduced(), AxisMap::same(3)};
}

std::int64_t macs(const AveragePool2D &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const AveragePool2D &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
