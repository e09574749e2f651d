#include "thimble/graph/ops/svdf.h"
#include "thimble/graph/parameters.h"

namespace thimble::rules {

Result<void> expect_svdf_types(const Graph &graph, const Op &op, ElementType expected) {
  const Tensor &x = input(graph, op, 0);
  const Tensor &weights = input(graph, op, 1);
  if (weights.type != expected) {
    return refuse(
        graph, op,
        std::string("has weights of type ") + name_of(weights.type) + " instead of " + name_of(expected),
        "use full integer quantisation, or float32");
  }
  if (expected == ElementType::float32) return {};
  if (auto ok = expect_quantized(graph, op, x, "the input"); !ok) return ok;
  if (auto ok = expect_quantized(graph, op, output(graph, op), "the output"); !ok) return ok;
  if (auto ok = expect_quantized(graph, op, weights, "the weights"); !ok) return ok;
  if (weights.quantization.zero_point() != 0)
    return refuse(graph, op, "has weights with a zero point other than 0", "quantise weights symmetrically");
  return expect_shift(graph, op, filter_parameters(graph, op).multiplier(0));
}

}  // namespace thimble::rules
