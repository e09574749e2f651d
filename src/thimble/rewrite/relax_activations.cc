#include "thimble/rewrite/relax_activations.h"

#include "thimble/graph/edit.h"
#include "thimble/rewrite/intervals.h"
#include "thimble/rewrite/value_ranges.h"

namespace thimble {

namespace {

/// Whether both clamps do the same to all of `values`: where their limits differ, neither is reached.
bool clamp_alike(const IntegerRange &a, const IntegerRange &b, const IntegerRange &values) {
  return (a.min == b.min || values.min >= std::max(a.min, b.min)) &&
         (a.max == b.max || values.max <= std::min(a.max, b.max));
}

}  // namespace

Result<Graph> relax_activations(Graph graph) {
  const auto clamps = [](const Op &op) { return activation_of(op) != Activation::none; };
  if (std::none_of(graph.ops.begin(), graph.ops.end(), clamps)) return graph;
  const std::vector<ChannelRanges> ranges = value_ranges(graph);
  if (ranges.empty()) return graph;
  for (Op &op : graph.ops) {
    if (!clamps(op)) continue;
    const ChannelRanges results = ranges_before_activation(graph, op, ranges);
    if (results.empty()) continue;
    const Tensor &output = graph.tensor(op.output());
    const IntegerRange limits = activation_range(activation_of(op), output);
    for (const Activation candidate : {Activation::none, Activation::relu}) {
      const IntegerRange wider = activation_range(candidate, output);
      const auto alike = [&](const IntegerRange &values) { return clamp_alike(limits, wider, values); };
      if (!std::all_of(results.begin(), results.end(), alike)) continue;
      set_activation(op, candidate);
      break;
    }
  }
  return graph;
}

}  // namespace thimble
