#include "thimble/graph/ops/svdf.h"

namespace thimble::rules {

Result<Shape> output_shape(const Svdf &svdf, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 2, 1); !ok) return tl::unexpected(ok.error());
  const Tensor &memory = input(graph, op, 0), &weights = input(graph, op, 1);
  if (auto ok = expect_rank(graph, op, memory, 2, "the state"); !ok) return tl::unexpected(ok.error());
  if (auto ok = expect_rank(graph, op, weights, 2, "the weights"); !ok) return tl::unexpected(ok.error());
  const std::int32_t filters = weights.shape[0];
  if (svdf.rank < 1 || filters % svdf.rank != 0) {
    return refuse(graph, op,
                  "sums " + std::to_string(svdf.rank) + " of its " + std::to_string(filters) +
                      " filters into one output");
  }
  if (weights.elements() != memory.shape[1]) {
    return refuse(graph, op,
                  "has " + std::to_string(weights.elements()) + " weights over time for a state of " +
                      std::to_string(memory.shape[1]) + " elements");
  }
  const Tensor *bias = input_or_null(graph, op, 2);
  if (!weights.constant() || (bias != nullptr && !bias->constant())) {
    return refuse(graph, op, "has weights or a bias that are not constant",
                  "freeze the model before converting");
  }
  const std::int32_t units = filters / svdf.rank;
  if (bias != nullptr && (bias->rank() != 1 || bias->shape[0] != units)) {
    return refuse(
        graph, op,
        "has " + std::to_string(bias->elements()) + " biases for " + std::to_string(units) + " outputs");
  }
  return Shape{memory.shape[0], units};
}

Result<void> check_types(const Svdf &, const Graph &graph, const Op &op) {
  const Tensor &memory = input(graph, op, 0), &y = output(graph, op);
  const Tensor *bias = input_or_null(graph, op, 2);
  const bool real = memory.type == ElementType::float32 && y.type == memory.type;
  const bool integer =
      y.type == ElementType::int8 && (memory.type == ElementType::int16 || memory.type == ElementType::int8);
  const ElementType sums = real ? ElementType::float32 : ElementType::int32;
  if ((!real && !integer) || (bias != nullptr && bias->type != sums)) {
    return refuse(graph, op,
                  std::string("is not supported from ") + name_of(memory.type) + " to " + name_of(y.type) +
                      (bias == nullptr ? "" : std::string(" with biases of ") + name_of(bias->type)),
                  "convert the model with full integer quantisation, or keep it in float32");
  }
  return expect_svdf_types(graph, op, memory.type);
}

Footprint footprint(const Svdf &svdf, const Graph &graph, const Op &op, int index) {
  if (index == 2) return per_channel_footprint(1, 1);
  const std::int32_t of_output = svdf.rank * (index == 0 ? input(graph, op, 1).shape[1] : 1);
  const AxisMap outputs{AxisMap::Kind::follow, 1, of_output, 1, 0, of_output};
  return index == 0 ? Footprint{AxisMap::same(0), outputs} : Footprint{outputs, AxisMap::whole()};
}

std::int64_t macs(const Svdf &svdf, const Graph &graph, const Op &op, const Region &tile, const Range &) {
  return tile.elements() * svdf.rank * input(graph, op, 1).shape[1];
}

InPlace in_place(const Svdf &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
