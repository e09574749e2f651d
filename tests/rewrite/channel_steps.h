// Factors and offsets per channel, planted beside the filters of float networks as converters leave batch
// normalisation.
#pragma once

#include <bit>
#include <cmath>

#include "rewrite/rewriting.h"
#include "support/random_graph.h"
#include "thimble/graph/edit.h"

namespace thimble::test {

inline Bytes bytes_of_floats(const std::vector<float> &values) {
  Bytes bytes(values.size() * 4);
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}
inline std::vector<float> floats_of_bytes(const Bytes &bytes) {
  std::vector<float> values(bytes.size() / 4);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Before and behind random filters of a float network; `value` draws a constant for MUL (true) or ADD, SUB.
class StepPlanter {
 public:
  using Draw = float(Random &, bool multiplies);

  StepPlanter(Graph graph, std::uint64_t seed, Draw *draw)
      : graph_(std::move(graph)), random_(seed), draw_(draw) {}

  Graph run() {
    std::vector<Op> ops = std::move(graph_.ops);
    for (Op &op : ops) {
      if (!op.is<Conv2D>() && !op.is<DepthwiseConv2D>() && !op.is<FullyConnected>()) {
        graph_.ops.push_back(op);
        continue;
      }
      if (random_.chance(40)) drop_bias(op);
      if (random_.chance(30)) op.inputs[0] = step(op.inputs[0], kNone);
      const int steps = random_.integer(0, 3);
      if (steps > 0 && random_.chance(80)) set_activation(op, Activation::none);
      const TensorId end = op.output();
      if (steps > 0) op.outputs = {like(end)};
      TensorId x = op.output();
      graph_.ops.push_back(op);
      for (int i = 0; i < steps; ++i) x = step(x, i + 1 == steps ? end : kNone);
    }
    return std::move(graph_);
  }

 private:
  TensorId like(TensorId id) {
    Tensor tensor = graph_.tensor(id);
    tensor.name += "_";
    graph_.tensors.push_back(std::move(tensor));
    return static_cast<TensorId>(graph_.tensors.size() - 1);
  }

  void drop_bias(Op &op) {
    if (random_.chance(50)) {
      op.inputs[2] = kNone;
      return;
    }
    op.inputs[2] = like(op.inputs[2]);
    Tensor &bias = graph_.tensors.back();
    bias.data = std::make_shared<const Bytes>(bias.data->size(), std::uint8_t{0});
  }

  /// One step from `x` to `to`, or to a tensor of its own.
  TensorId step(TensorId x, TensorId to) {
    const bool multiplies = random_.chance(50);
    const std::int32_t channels = random_.chance(80) ? graph_.tensor(x).shape.back() : 1;
    std::vector<float> values;
    for (std::int32_t c = 0; c < channels; ++c) values.push_back(draw_(random_, multiplies));
    Tensor constant;
    constant.name = "k" + std::to_string(graph_.tensors.size());
    constant.shape = {channels};
    constant.data = std::make_shared<const Bytes>(bytes_of_floats(values));
    if (to == kNone) to = like(x);
    graph_.tensors.push_back(std::move(constant));
    Op op;
    op.inputs = {x, static_cast<TensorId>(graph_.tensors.size() - 1)};
    op.outputs = {to};
    const Activation activation = random_.chance(20) ? Activation::relu6 : Activation::none;
    op.attributes = multiplies           ? Attributes(Mul{activation})
                    : random_.chance(50) ? Attributes(Add{activation})
                                         : Attributes(Sub{activation});
    if (!op.is<Sub>() && random_.chance(30)) std::swap(op.inputs[0], op.inputs[1]);
    graph_.ops.push_back(op);
    return to;
  }

  Graph graph_;
  Random random_;
  Draw *draw_;
};

/// A random network with steps beside its filters.
inline Graph random_steps(std::uint64_t seed, StepPlanter::Draw *draw) {
  RandomGraphOptions options;
  options.type = ElementType::float32;
  options.steps = 5;
  options.most_side = 7;
  return StepPlanter(random_graph(seed, options), seed, draw).run();
}

}  // namespace thimble::test
