#include "thimble/rewrite/remove_dead.h"

#include "thimble/graph/edit.h"

namespace thimble {

Result<Graph> remove_dead(Graph graph) {
  std::vector<bool> needed(graph.tensors.size());
  for (const TensorId output : graph.outputs) needed[static_cast<std::size_t>(output)] = true;
  std::vector<bool> removed(graph.ops.size());
  for (std::size_t i = graph.ops.size(); i-- > 0;) {
    const Op &op = graph.ops[i];
    if (!op.is<Input>() && !needed[static_cast<std::size_t>(op.output())]) {
      removed[i] = true;
      continue;
    }
    for (const TensorId input : op.inputs) {
      if (input != kNone) needed[static_cast<std::size_t>(input)] = true;
    }
  }
  remove_ops(graph, removed);
  remove_unused_tensors(graph);
  return graph;
}

}  // namespace thimble
