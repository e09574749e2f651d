#include "thimble/rewrite/fold_ends.h"

#include <algorithm>

#include "thimble/graph/edit.h"

namespace thimble {

namespace {

bool contains(const std::vector<TensorId> &ids, TensorId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

void replace_uses(Graph &graph, TensorId from, TensorId to) {
  for (Op &op : graph.ops) std::replace(op.inputs.begin(), op.inputs.end(), from, to);
}

/// The operators that consume a network input when all of them quantise it in the same way; else none.
std::vector<OpId> equal_quantizers(const Graph &graph, TensorId input, const std::vector<OpId> &users) {
  for (const OpId user : users) {
    const Op &op = graph.op(user);
    if (!op.is<Quantize>() || contains(graph.outputs, op.output())) return {};
    const Tensor &result = graph.tensor(op.output()), &first = graph.tensor(graph.op(users.front()).output());
    if (result.type != first.type || !(result.quantization == first.quantization)) return {};
  }
  return contains(graph.outputs, input) ? std::vector<OpId>{} : users;
}

void fold_inputs(Graph &graph, std::vector<bool> &removed) {
  const std::vector<std::vector<OpId>> users = consumers(graph);
  for (TensorId &input : graph.inputs) {
    if (graph.tensor(input).type != ElementType::float32) continue;
    const std::vector<OpId> quantizers =
        equal_quantizers(graph, input, users[static_cast<std::size_t>(input)]);
    if (quantizers.empty()) continue;
    const TensorId quantized = graph.op(quantizers.front()).output();
    for (const OpId quantizer : quantizers) {
      removed[static_cast<std::size_t>(quantizer)] = true;
      replace_uses(graph, graph.op(quantizer).output(), quantized);
    }
    for (Op &op : graph.ops) {
      if (op.is<Input>() && op.output() == input) op.outputs[0] = quantized;
    }
    std::swap(graph.tensors[static_cast<std::size_t>(quantized)].name,
              graph.tensors[static_cast<std::size_t>(input)].name);
    input = quantized;
  }
}

void fold_outputs(Graph &graph, std::vector<bool> &removed) {
  const std::vector<OpId> producer = producers(graph);
  const std::vector<std::vector<OpId>> users = consumers(graph);
  for (TensorId &output : graph.outputs) {
    const OpId last = producer[static_cast<std::size_t>(output)];
    if (last == kNone || !graph.op(last).is<Dequantize>() || !users[static_cast<std::size_t>(output)].empty())
      continue;
    const TensorId quantized = graph.op(last).inputs[0];
    const bool computed = producer[static_cast<std::size_t>(quantized)] != kNone &&
                          !contains(graph.inputs, quantized) && !contains(graph.outputs, quantized);
    if (!computed || std::count(graph.outputs.begin(), graph.outputs.end(), output) > 1) continue;
    removed[static_cast<std::size_t>(last)] = true;
    std::swap(graph.tensors[static_cast<std::size_t>(quantized)].name,
              graph.tensors[static_cast<std::size_t>(output)].name);
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
