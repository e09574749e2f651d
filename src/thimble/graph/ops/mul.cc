#include "thimble/graph/ops/support.h"
#include "thimble/graph/parameters.h"

namespace thimble::rules {

Result<Shape> output_shape(const Mul &, const Graph &graph, const Op &op) {
  return broadcast_shape(graph, op);
}

Result<void> check_types(const Mul &, const Graph &graph, const Op &op) {
  if (auto ok = expect_arithmetic(graph, op); !ok || !is_integer(output(graph, op).type)) return ok;
  return expect_shift(graph, op, mul_parameters(graph, op).output);
}

Footprint footprint(const Mul &, const Graph &graph, const Op &op, int index) {
  return broadcast_footprint(graph, op, index);
}

std::int64_t macs(const Mul &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const Mul &, const Graph &graph, const Op &op, int index) {
  return element_wise_in_place(graph, op, index);
}

}  // namespace thimble::rules
