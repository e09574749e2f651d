#include "thimble/graph/ops/support.h"

namespace thimble::rules {

Result<Shape> output_shape(const Input &, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 0); !ok) return tl::unexpected(ok.error());
  return output(graph, op).shape;
}

Result<void> check_types(const Input &, const Graph &, const Op &) {
  return {};
}

Footprint footprint(const Input &, const Graph &, const Op &, int) {
  return {};
}

std::int64_t macs(const Input &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const Input &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
