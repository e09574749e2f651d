#include "thimble/graph/ops/support.h"
#include "thimble/graph/parameters.h"

namespace thimble::rules {

Result<Shape> output_shape(const Logistic &, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  return input(graph, op, 0).shape;
}

Result<void> check_types(const Logistic &, const Graph &graph, const Op &op) {
  if (auto ok = expect_arithmetic(graph, op); !ok) return ok;
  const Tensor &y = output(graph, op);
  if (y.type == ElementType::int8 && y.quantization.zero_point() != -128) {
    return refuse(graph, op, "has an int8 output whose zero point is not -128",
                  "convert the model with TensorFlow Lite's own quantisation");
  }
  if (y.type == ElementType::int16 && !near_power_of_two(y.quantization.scale(), -15)) {
    return refuse(graph, op, "has an int16 output whose scale is not 2^-15",
                  "convert the model with TensorFlow Lite's own quantisation");
  }
  if (y.type == ElementType::int16 && logistic_int16_parameters(graph, op).multiplier > 32767) {
    return refuse(graph, op, "has an int16 input scale above 2.66", "calibrate the model again");
  }
  return {};
}

Footprint footprint(const Logistic &, const Graph &graph, const Op &op, int) {
  return same_footprint(input(graph, op, 0).rank());
}

std::int64_t macs(const Logistic &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const Logistic &, const Graph &graph, const Op &op, int index) {
  return element_wise_in_place(graph, op, index);
}

}  // namespace thimble::rules
