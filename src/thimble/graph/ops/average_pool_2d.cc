#include "thimble/graph/ops/pool.h"

namespace thimble::rules {

Result<Shape> output_shape(const AveragePool2D &pool, const Graph &graph, const Op &op) {
  return pool_shape(pool, graph, op);
}

Result<void> check_types(const AveragePool2D &, const Graph &graph, const Op &op) {
  return expect_arithmetic(graph, op);
}

Footprint footprint(const AveragePool2D &pool, const Graph &, const Op &, int) {
  return pool_footprint(pool);
}

std::int64_t macs(const AveragePool2D &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const AveragePool2D &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
