// Types and quantisation of CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED, whose integer
// forms are one family.
#include <algorithm>

#include "thimble/graph/ops/support.h"
#include "thimble/graph/parameters.h"

namespace thimble::rules {
namespace {

Result<void> expect_bias(const Graph &graph, const Op &op, const Tensor &x, const Tensor &bias) {
  // An int32 bias of a 16-bit DEPTHWISE_CONV_2D or TRANSPOSE_CONV is read as int64 by the reference, so it
  // defines nothing.
  const bool accepted = x.type == ElementType::float32 ? bias.type == ElementType::float32
                        : x.type == ElementType::int8  ? bias.type == ElementType::int32
                        : op.is<DepthwiseConv2D>() || op.is<TransposeConv>()
                            ? bias.type == ElementType::int64
                            : bias.type == ElementType::int32 || bias.type == ElementType::int64;
  if (accepted) return {};
  return refuse(
      graph, op,
      std::string("has a bias of type ") + name_of(bias.type) + " with " + name_of(x.type) + " data",
      "convert the model with full integer quantisation");
}

}  // namespace

Result<void> expect_filter_types(const Graph &graph, const Op &op, int weight_axis) {
  auto types = expect_types(graph, op, {ElementType::int8, ElementType::int16, ElementType::float32});
  if (!types) return types;
  const Tensor &x = input(graph, op, 0);
  const Tensor &weights = input(graph, op, 1);
  const Tensor *bias = input_or_null(graph, op, 2);
  if (bias != nullptr) {
    if (auto ok = expect_bias(graph, op, x, *bias); !ok) return ok;
  }
  const ElementType expected = x.type == ElementType::float32 ? ElementType::float32 : ElementType::int8;
  if (weights.type != expected) {
    return refuse(
        graph, op,
        std::string("has weights of type ") + name_of(weights.type) + " with " + name_of(x.type) + " data",
        x.type == ElementType::float32 ? "hybrid quantisation is not supported: use full integer quantisation"
                                       : "use 8-bit weights");
  }
  if (x.type == ElementType::float32) return {};
  if (auto ok = expect_quantized(graph, op, x, "the input"); !ok) return ok;
  if (auto ok = expect_quantized(graph, op, output(graph, op), "the output"); !ok) return ok;
  const Quantization &quantization = weights.quantization;
  if (!quantization.present()) return refuse(graph, op, "has weights without quantisation");
  if (quantization.per_channel() && quantization.axis != weight_axis) {
    return refuse(graph, op,
                  "has weights quantised along axis " + std::to_string(quantization.axis) + " instead of " +
                      std::to_string(weight_axis));
  }
  if (std::any_of(quantization.zero_points.begin(), quantization.zero_points.end(),
                  [](std::int32_t zero_point) { return zero_point != 0; })) {
    return refuse(graph, op, "has weights with a zero point other than 0", "quantise weights symmetrically");
  }
  const FilterParameters parameters = filter_parameters(graph, op);
  for (std::size_t c = 0; c < parameters.multipliers.size(); ++c) {
    const QuantizedMultiplier m{parameters.multipliers[c], parameters.shifts[c]};
    if (auto ok = expect_shift(graph, op, m, parameters.wide ? kMostLeftShift64 : kMostLeftShift); !ok)
      return ok;
  }
  return {};
}

}  // namespace thimble::rules
