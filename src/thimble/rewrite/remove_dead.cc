#include "thimble/rewrite/remove_dead.h"

#include <algorithm>

#include "thimble/graph/edit.h"

namespace thimble {

namespace {

/// Marks, per tensor, what is needed for those that are marked, through operators of one inference.
void mark_sources(const Graph &graph, std::vector<bool> &needed) {
  for (std::size_t i = graph.ops.size(); i-- > 0;) {
    const Op &op = graph.ops[i];
    if (!needed[static_cast<std::size_t>(op.output())]) continue;
    for (const TensorId input : op.inputs) {
      if (input != kNone) needed[static_cast<std::size_t>(input)] = true;
    }
  }
}

/// What outputs of this inference or a later one need: a state counts where what it reads does.
std::vector<bool> needed_tensors(const Graph &graph) {
  std::vector<bool> needed(graph.tensors.size());
  for (const TensorId output : graph.outputs) needed[static_cast<std::size_t>(output)] = true;
  for (bool more = true; more;) {
    mark_sources(graph, needed);
    more = false;
    for (const State &state : graph.states) {
      if (!needed[static_cast<std::size_t>(state.read)]) continue;
      more = more || !needed[static_cast<std::size_t>(state.written)];
      needed[static_cast<std::size_t>(state.written)] = true;
    }
  }
  return needed;
}

}  // namespace

Result<Graph> remove_dead(Graph graph) {
  const std::vector<bool> needed = needed_tensors(graph);
  std::vector<bool> removed(graph.ops.size());
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const TensorId made = graph.ops[i].output();
    removed[i] = !needed[static_cast<std::size_t>(made)] && !contains(graph.inputs, made);
  }
  std::erase_if(graph.states,
                [&](const State &state) { return !needed[static_cast<std::size_t>(state.read)]; });
  remove_ops(graph, removed);
  remove_unused_tensors(graph);
  return graph;
}

}  // namespace thimble
