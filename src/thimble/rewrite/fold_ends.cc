#include "thimble/rewrite/fold_ends.h"

#include <algorithm>

#include "thimble/graph/edit.h"

namespace thimble {

namespace {

/// One mark per tensor: it is in the list. Searching the list each time would take quadratic time in files
/// that have thousands of ends.
std::vector<bool> marks(const Graph &graph, const std::vector<TensorId> &ids) {
  std::vector<bool> marked(graph.tensors.size());
  for (const TensorId id : ids) marked[static_cast<std::size_t>(id)] = true;
  return marked;
}

void swap_names(Graph &graph, TensorId a, TensorId b) {
  std::swap(graph.tensors[static_cast<std::size_t>(a)].name, graph.tensors[static_cast<std::size_t>(b)].name);
}

/// Whether all consumers of a network input quantise it, and in the same way.
bool equally_quantized(const Graph &graph, const std::vector<OpId> &users, const std::vector<bool> &is_kept) {
  return !users.empty() && std::all_of(users.begin(), users.end(), [&](OpId user) {
    const Op &op = graph.op(user);
    if (!op.is<Quantize>() || is_kept[static_cast<std::size_t>(op.output())]) return false;
    const Tensor &result = graph.tensor(op.output()), &first = graph.tensor(graph.op(users.front()).output());
    return result.type == first.type && result.quantization == first.quantization;
  });
}

void fold_inputs(Graph &graph, std::vector<bool> &removed) {
  const std::vector<std::vector<OpId>> users = consumers(graph);
  const std::vector<bool> is_kept = marks(graph, kept_tensors(graph));
  std::vector<TensorId> replacement(graph.tensors.size(), kNone);
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const TensorId input = graph.inputs[i];
    const std::vector<OpId> &quantizers = users[static_cast<std::size_t>(input)];
    if (graph.tensor(input).type != ElementType::float32 || is_kept[static_cast<std::size_t>(input)] ||
        !equally_quantized(graph, quantizers, is_kept)) {
      continue;
    }
    const TensorId quantized = graph.op(quantizers.front()).output();
    for (const OpId quantizer : quantizers) {
      removed[static_cast<std::size_t>(quantizer)] = true;
      replacement[static_cast<std::size_t>(graph.op(quantizer).output())] = quantized;
    }
    graph.ops[i].outputs[0] = quantized;  // the Input operators come first, in the order of the inputs
    swap_names(graph, input, quantized);
    graph.inputs[i] = quantized;
  }
  for (Op &op : graph.ops) {
    for (TensorId &id : op.inputs) {
      if (id != kNone && replacement[static_cast<std::size_t>(id)] != kNone) {
        id = replacement[static_cast<std::size_t>(id)];
      }
    }
  }
}

void fold_outputs(Graph &graph, std::vector<bool> &removed) {
  const std::vector<OpId> producer = producers(graph);
  const std::vector<std::vector<OpId>> users = consumers(graph);
  std::vector<bool> is_output = marks(graph, graph.outputs);
  const std::vector<bool> is_input = marks(graph, graph.inputs);
  std::vector<bool> is_state(graph.tensors.size());
  for (const State &state : graph.states) {
    is_state[static_cast<std::size_t>(state.read)] = true;
    is_state[static_cast<std::size_t>(state.written)] = true;
  }
  for (TensorId &output : graph.outputs) {
    const OpId last = producer[static_cast<std::size_t>(output)];
    if (last == kNone || !graph.op(last).is<Dequantize>() ||
        !users[static_cast<std::size_t>(output)].empty() || is_state[static_cast<std::size_t>(output)]) {
      continue;
    }
    const TensorId quantized = graph.op(last).inputs[0];
    const auto index = static_cast<std::size_t>(quantized);
    if (producer[index] == kNone || is_input[index] || is_output[index] || is_state[index]) continue;
    removed[static_cast<std::size_t>(last)] = true;
    is_output[index] = true;
    swap_names(graph, output, quantized);
    output = quantized;
  }
}

}  // namespace

Result<Graph> fold_quantization_at_ends(Graph graph) {
  std::vector<bool> removed(graph.ops.size());
  fold_inputs(graph, removed);
  fold_outputs(graph, removed);
  remove_ops(graph, removed);
  remove_unused_tensors(graph);
  return graph;
}

}  // namespace thimble
