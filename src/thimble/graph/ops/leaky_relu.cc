#include "thimble/graph/ops/support.h"
#include "thimble/graph/parameters.h"

namespace thimble::rules {

Result<Shape> output_shape(const LeakyRelu &, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  return input(graph, op, 0).shape;
}

Result<void> check_types(const LeakyRelu &leaky, const Graph &graph, const Op &op) {
  if (auto ok = expect_arithmetic(graph, op); !ok) return ok;
  if (output(graph, op).type == ElementType::float32) return {};
  // The reference's products take no negative multipliers; how they would be rounded is not defined.
  if (!(leaky.alpha >= 0.0f))
    return refuse(graph, op, "has a slope below zero on integers", "train the model with a positive slope");
  const LeakyReluParameters parameters = leaky_relu_parameters(graph, op);
  if (auto ok = expect_shift(graph, op, parameters.positive); !ok) return ok;
  return expect_shift(graph, op, parameters.negative);
}

Footprint footprint(const LeakyRelu &, const Graph &graph, const Op &op, int) {
  return same_footprint(input(graph, op, 0).rank());
}

std::int64_t macs(const LeakyRelu &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const LeakyRelu &, const Graph &graph, const Op &op, int index) {
  return element_wise_in_place(graph, op, index);
}

}  // namespace thimble::rules
