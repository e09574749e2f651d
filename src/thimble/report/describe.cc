#include "thimble/report/describe.h"

#include <algorithm>

#include "thimble/report/table.h"
#include "thimble/schedule/variant.h"

namespace thimble::report {

std::string op_label(const Graph &graph, OpId op) {
  return std::to_string(op) + ":" + name_of(graph.op(op));
}

std::string variants_text(const Schedule &schedule, OpId op) {
  const auto known = kernel_variants(schedule.graph->op(op));
  std::vector<bool> used(known.size());
  for (const Stage &stage : schedule.stages) {
    for (const StageOp &one : stage.ops) {
      if (one.op == op) used[static_cast<std::size_t>(one.variant)] = true;
    }
  }
  std::string text;
  for (std::size_t v = 0; v < known.size(); ++v) {
    if (used[v]) text += (text.empty() ? "" : " + ") + std::string(known[v].name);
  }
  return text;
}

std::string tensor_text(const Tensor &tensor) {
  return std::string(name_of(tensor.type)) + " " + shape_text(tensor.shape);
}

std::string tensors_text(const Graph &graph, const std::vector<TensorId> &tensors) {
  std::string text;
  for (TensorId id : tensors) text += (text.empty() ? "" : " + ") + tensor_text(graph.tensor(id));
  return text;
}

std::string buffer_label(const Graph &graph, const Buffer &buffer) {
  if (buffer.kind == BufferKind::scratch || buffer.kind == BufferKind::accumulator) {
    return std::string(name_of(buffer.kind)) + " of " + op_label(graph, buffer.op);
  }
  if (buffer.tensor == kNone) return name_of(buffer.kind);
  const auto input = std::find(graph.inputs.begin(), graph.inputs.end(), buffer.tensor);
  if (input != graph.inputs.end()) return "input " + std::to_string(input - graph.inputs.begin());
  const OpId producer = producers(graph)[static_cast<std::size_t>(buffer.tensor)];
  return producer == kNone ? name_of(buffer.kind) : op_label(graph, producer);
}

std::int64_t operator_count(const Graph &graph) {
  return std::count_if(graph.ops.begin(), graph.ops.end(), [](const Op &op) { return !op.is<Input>(); });
}

}  // namespace thimble::report
