#include "thimble/graph/ops/support.h"
#include "thimble/graph/parameters.h"

namespace thimble::rules {

Result<Shape> output_shape(const Sub &, const Graph &graph, const Op &op) {
  return broadcast_shape(graph, op);
}

Result<void> check_types(const Sub &, const Graph &graph, const Op &op) {
  if (auto ok = expect_arithmetic(graph, op); !ok || !is_integer(output(graph, op).type)) return ok;
  return expect_shift(graph, op, add_parameters(graph, op).output, 0);
}

Footprint footprint(const Sub &, const Graph &graph, const Op &op, int index) {
  return broadcast_footprint(graph, op, index);
}

std::int64_t macs(const Sub &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const Sub &, const Graph &graph, const Op &op, int index) {
  return element_wise_in_place(graph, op, index);
}

}  // namespace thimble::rules
