// Channels of known behaviour, planted into built graphs.
#pragma once

#include "rewrite/rewriting.h"
#include "support/graph_builder.h"
#include "support/random_graph.h"

namespace thimble::test {

inline OpId maker(const Graph &graph, TensorId id) {
  return producers(graph)[static_cast<std::size_t>(id)];
}

inline void replace_bytes(Graph &graph, TensorId id, Bytes bytes) {
  graph.tensors[static_cast<std::size_t>(id)].data = std::make_shared<const Bytes>(std::move(bytes));
}

/// The constant of a filter operator as outputs x inner x channels: `visit(output, inner, channel, byte)`.
template <class Visit>
void edit_weights(Graph &graph, OpId id, Visit &&visit) {
  const Op &op = graph.op(id);
  const Tensor &weights = graph.tensor(op.inputs[1]);
  Bytes bytes = *weights.data;
  const bool depthwise = op.is<DepthwiseConv2D>();
  const auto last = static_cast<std::size_t>(weights.shape.back());
  const std::size_t per_output = bytes.size() / static_cast<std::size_t>(weights.shape[0]);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t output = depthwise ? i % last : i / per_output;
    visit(output, depthwise ? i / last : i % per_output / last, i % last, bytes[i]);
  }
  replace_bytes(graph, op.inputs[1], std::move(bytes));
}

inline void set_bias(Graph &graph, OpId id, std::int32_t channel, std::int64_t value) {
  const TensorId bias = graph.op(id).inputs[2];
  const auto size = static_cast<std::size_t>(size_of(graph.tensor(bias).type));
  Bytes bytes = *graph.tensor(bias).data;
  std::memcpy(bytes.data() + static_cast<std::size_t>(channel) * size, &value, size);
  replace_bytes(graph, bias, std::move(bytes));
}

/// Output `channel` of the filter operator that makes `tensor` becomes one value: zero weights and a bias.
inline void plant_constant(Graph &graph, TensorId tensor, std::int32_t channel, std::int64_t bias) {
  const OpId id = maker(graph, tensor);
  edit_weights(graph, id, [&](std::size_t output, std::size_t, std::size_t, std::uint8_t &weight) {
    if (output == static_cast<std::size_t>(channel)) weight = 0;
  });
  set_bias(graph, id, channel, bias);
}

/// Nothing but zeros reads input `channel` of the convolution that makes `tensor`.
inline void plant_unread(Graph &graph, TensorId tensor, std::int32_t channel) {
  edit_weights(graph, maker(graph, tensor),
               [&](std::size_t, std::size_t, std::size_t from, std::uint8_t &weight) {
                 if (from == static_cast<std::size_t>(channel)) weight = 0;
               });
}

/// The tensor of that name; passes keep names.
inline const Tensor &named(const Graph &graph, const std::string &name) {
  for (const Tensor &tensor : graph.tensors) {
    if (tensor.name == name) return tensor;
  }
  throw std::logic_error("no tensor " + name);
}

}  // namespace thimble::test
