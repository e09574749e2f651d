#include "thimble/graph/ops/svdf.h"

namespace thimble::rules {

Result<Shape> output_shape(const SvdfState &, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 3); !ok) return tl::unexpected(ok.error());
  const Tensor &x = input(graph, op, 0), &weights = input(graph, op, 1), &memory = input(graph, op, 2);
  const std::pair<const Tensor *, const char *> tensors[] = {
      {&x, "the input"}, {&weights, "the weights"}, {&memory, "the state"}};
  for (const auto &[tensor, what] : tensors) {
    if (auto ok = expect_rank(graph, op, *tensor, 2, what); !ok) return tl::unexpected(ok.error());
  }
  if (!weights.constant())
    return refuse(graph, op, "has weights that are not constant", "freeze the model before converting");
  if (weights.shape[1] != x.shape[1]) {
    return refuse(graph, op,
                  "has weights of " + std::to_string(weights.shape[1]) + " features for an input of " +
                      std::to_string(x.shape[1]));
  }
  if (memory.shape[0] != x.shape[0] || memory.shape[1] % weights.shape[0] != 0) {
    return refuse(graph, op,
                  "has a state of " + std::to_string(memory.shape[0]) + " times " +
                      std::to_string(memory.shape[1]) + " elements for " + std::to_string(x.shape[0]) +
                      " times " + std::to_string(weights.shape[0]) + " filters");
  }
  return memory.shape;
}

Result<void> check_types(const SvdfState &, const Graph &graph, const Op &op) {
  const Tensor &x = input(graph, op, 0), &memory = input(graph, op, 2), &next = output(graph, op);
  const bool real = x.type == ElementType::float32 && memory.type == x.type;
  const bool integer =
      x.type == ElementType::int8 && (memory.type == ElementType::int16 || memory.type == ElementType::int8);
  if (!real && !integer) {
    return refuse(
        graph, op,
        std::string("is not supported for ") + name_of(x.type) + " with a state of " + name_of(memory.type),
        "convert the model with full integer quantisation, or keep it in float32");
  }
  if (next.type != memory.type || !(next.quantization == memory.quantization))
    return refuse(graph, op, "has a next state of another type or quantisation than its state");
  return expect_svdf_types(graph, op, x.type);
}

Footprint footprint(const SvdfState &, const Graph &graph, const Op &op, int index) {
  const std::int32_t length = output(graph, op).shape[1] / input(graph, op, 1).shape[0];
  if (index == 0) return {AxisMap::same(0), AxisMap::whole()};
  if (index == 1) return {{AxisMap::Kind::follow, 1, 1, length, 0, 1}, AxisMap::whole()};
  return {AxisMap::same(0), {AxisMap::Kind::follow, 1, 1, 1, 1, 1}};
}

std::int64_t macs(const SvdfState &, const Graph &graph, const Op &op, const Region &tile, const Range &) {
  const std::int32_t length = output(graph, op).shape[1] / input(graph, op, 1).shape[0];
  // Only the last element of a filter's memory is computed.
  const std::int64_t computed = tile.axis[1].end / length - tile.axis[1].begin / length;
  return std::int64_t{tile.axis[0].size()} * computed * input(graph, op, 0).shape[1];
}

/// The memory moves down by one element in ascending order.
InPlace in_place(const SvdfState &, const Graph &, const Op &, int index) {
  return index == 2 ? InPlace::moving : InPlace::no;
}

}  // namespace thimble::rules
