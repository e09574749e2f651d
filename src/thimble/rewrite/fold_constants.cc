#include "thimble/rewrite/fold_constants.h"

#include "thimble/graph/edit.h"
#include "thimble/graph/fold.h"

namespace thimble {

Result<Graph> fold_constants(Graph graph) {
  FoldAllowance allowance;
  std::vector<bool> removed(graph.ops.size());
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    Result<bool> folded = fold(graph, graph.op(static_cast<OpId>(i)), allowance);
    if (!folded) return tl::unexpected(std::move(folded.error()));
    removed[i] = *folded;
  }
  remove_ops(graph, removed);
  remove_unused_tensors(graph);
  return graph;
}

}  // namespace thimble
