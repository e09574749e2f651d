// What a firing reads, with each operator's footprints looked up once: for those who ask at every firing.
#pragma once

#include <vector>

#include "thimble/graph/footprint.h"
#include "thimble/schedule/firing.h"

namespace thimble {

class Reads {
 public:
  explicit Reads(const Graph &graph) : graph_(graph), edges_(graph.ops.size()) {
    for (std::size_t id = 0; id < graph.ops.size(); ++id) {
      const Op &op = graph.ops[id];
      for (std::size_t j = 0; j < op.inputs.size(); ++j) {
        if (op.inputs[j] == kNone || graph.tensor(op.inputs[j]).constant()) continue;
        edges_[id].push_back({op.inputs[j], footprint(graph, op, static_cast<int>(j))});
      }
    }
  }

  /// Calls `visit(tensor, region)` for every computed tensor of which the firing reads something.
  template <class Visit>
  void for_each(const Firing &firing, Visit &&visit) const {
    for (const Edge &edge : edges_[static_cast<std::size_t>(firing.op)]) {
      const Region region =
          input_region(edge.footprint, graph_.tensor(edge.tensor).shape, firing.tile, firing.reduction);
      if (!region.empty()) visit(edge.tensor, region);
    }
  }

 private:
  struct Edge {
    TensorId tensor;
    Footprint footprint;
  };
  const Graph &graph_;
  std::vector<std::vector<Edge>> edges_;  ///< by operator
};

}  // namespace thimble
