#include "thimble/graph/ops/support.h"

namespace thimble::rules {

Result<Shape> output_shape(const Dequantize &, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  return input(graph, op, 0).shape;
}

Result<void> check_types(const Dequantize &, const Graph &graph, const Op &op) {
  const Tensor &x = input(graph, op, 0);
  const Tensor &y = output(graph, op);
  const bool known =
      x.type == ElementType::int8 || x.type == ElementType::uint8 || x.type == ElementType::int16;
  if (!known || y.type != ElementType::float32) {
    return refuse(graph, op,
                  std::string("is not supported from ") + name_of(x.type) + " to " + name_of(y.type),
                  "convert the model to int8");
  }
  return expect_quantized(graph, op, x, "the input");
}

Footprint footprint(const Dequantize &, const Graph &graph, const Op &op, int) {
  return same_footprint(input(graph, op, 0).rank());
}

std::int64_t macs(const Dequantize &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const Dequantize &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
