#include <utility>

#include "thimble/graph/ops/support.h"
#include "thimble/graph/parameters.h"

namespace thimble::rules {
namespace {

bool known(ElementType from, ElementType to) {
  using enum ElementType;
  constexpr std::pair<ElementType, ElementType> pairs[] = {
      {float32, int8}, {float32, int16}, {int8, int8},   {int8, uint8},  {int8, int16}, {int8, int32},
      {uint8, int8},   {int16, int8},    {int16, int16}, {int16, int32}, {int32, int8}, {int32, int16}};
  for (const auto &[a, b] : pairs) {
    if (a == from && b == to) return true;
  }
  return false;
}

}  // namespace

Result<Shape> output_shape(const Quantize &, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  return input(graph, op, 0).shape;
}

Result<void> check_types(const Quantize &, const Graph &graph, const Op &op) {
  const Tensor &x = input(graph, op, 0);
  const Tensor &y = output(graph, op);
  if (!known(x.type, y.type)) {
    return refuse(graph, op,
                  std::string("is not supported from ") + name_of(x.type) + " to " + name_of(y.type),
                  "convert the model with int8 inputs and outputs");
  }
  if (auto ok = expect_quantized(graph, op, y, "the output"); !ok || x.type == ElementType::float32)
    return ok;
  // A SOFTMAX from int8 to int16 gives a zero point other than 0.
  if (auto ok = expect_one_scale(graph, op, x, "the input"); !ok) return ok;
  return expect_shift(graph, op, requantize_parameters(graph, op).multiplier);
}

Footprint footprint(const Quantize &, const Graph &graph, const Op &op, int) {
  return same_footprint(input(graph, op, 0).rank());
}

std::int64_t macs(const Quantize &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const Quantize &, const Graph &graph, const Op &op, int index) {
  return element_wise_in_place(graph, op, index);
}

}  // namespace thimble::rules
