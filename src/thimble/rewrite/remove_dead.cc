#include "thimble/rewrite/remove_dead.h"

#include "thimble/graph/edit.h"

namespace thimble {

Result<Graph> remove_dead(Graph graph) {
  remove_dead_ops(graph);
  remove_unused_tensors(graph);
  return graph;
}

}  // namespace thimble
