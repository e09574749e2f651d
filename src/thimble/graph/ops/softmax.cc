#include <cmath>

#include "thimble/graph/ops/support.h"
#include "thimble/graph/parameters.h"

namespace thimble::rules {
namespace {

/// The reference only knows probabilities: scale 2^-bits, the lowest value (or 0 for int16 from int16) is
/// zero.
Result<void> expect_probabilities(const Graph &graph, const Op &op, float scale, std::int32_t zero_point) {
  const Quantization &quantization = output(graph, op).quantization;
  if (quantization.scales.size() == 1 && quantization.zero_point() == zero_point &&
      std::fabs(quantization.scale() - scale) <= 0.001f * scale) {
    return {};
  }
  return refuse(graph, op,
                "has an output quantisation other than scale " + std::to_string(scale) + " and zero point " +
                    std::to_string(zero_point),
                "convert the model with TensorFlow Lite's own quantisation");
}

}  // namespace

Result<Shape> output_shape(const Softmax &, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  if (input(graph, op, 0).rank() < 1) return refuse(graph, op, "has a scalar input");
  return input(graph, op, 0).shape;
}

Result<void> check_types(const Softmax &softmax, const Graph &graph, const Op &op) {
  const Tensor &x = input(graph, op, 0);
  const Tensor &y = output(graph, op);
  if (!std::isfinite(softmax.beta)) return refuse(graph, op, "has a beta that is not finite");
  if (x.type == ElementType::float32) return expect_types(graph, op, {ElementType::float32});
  const bool from_int8 =
      x.type == ElementType::int8 && (y.type == ElementType::int8 || y.type == ElementType::int16);
  const bool from_int16 = x.type == ElementType::int16 && y.type == ElementType::int16;
  if (!from_int8 && !from_int16) {
    return refuse(graph, op,
                  std::string("is not supported from ") + name_of(x.type) + " to " + name_of(y.type),
                  "convert the model to int8 or float32");
  }
  if (auto ok = expect_quantized(graph, op, x, "the input"); !ok) return ok;
  if (!(softmax.beta > 0.0f)) return refuse(graph, op, "has a beta that is not positive");
  const std::int32_t classes = x.shape.back();
  if (from_int16) {
    if (classes > 65535) return refuse(graph, op, "sums more than 65535 classes, which overflows in 16 bits");
    if (auto ok = expect_shift(graph, op, softmax_int16_multiplier(graph, op)); !ok) return ok;
    return expect_probabilities(graph, op, 1.0f / 32768.0f, 0);
  }
  if (classes > 4095)
    return refuse(graph, op, "sums more than 4095 classes, which overflows its fixed-point sum");
  if (softmax_parameters(graph, op).input.shift < 1) {
    return refuse(graph, op, "has an input scale too small for its fixed-point exponential",
                  "calibrate the model again");
  }
  return y.type == ElementType::int8 ? expect_probabilities(graph, op, 1.0f / 256.0f, -128)
                                     : expect_probabilities(graph, op, 1.0f / 65536.0f, -32768);
}

Footprint footprint(const Softmax &, const Graph &graph, const Op &op, int) {
  Footprint maps = same_footprint(input(graph, op, 0).rank());
  maps.back() = AxisMap::whole();
  return maps;
}

std::int64_t macs(const Softmax &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const Softmax &, const Graph &graph, const Op &op, int index) {
  return element_wise_in_place(graph, op, index);
}

}  // namespace thimble::rules
