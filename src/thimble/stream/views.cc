#include "thimble/stream/views.h"

#include "thimble/graph/rules.h"

namespace thimble::stream {
std::int64_t element_bytes(const Graph &graph, const TimeAxes &axes, TensorId tensor) {
  return graph.tensor(tensor).bytes() / axes.of(tensor).length;
}

std::vector<bool> views(const Graph &graph, const TimeAxes &axes, const Rates &rates) {
  std::vector<bool> views;
  // Bytes that a tensor brings in one period.
  const auto brings = [&](TensorId id) {
    return element_bytes(graph, axes, id) * (rates.period / rates.of(id).step);
  };
  for (const Op &op : graph.ops) {
    const bool moves = moves_elements(op) && axes.of(op.output()).over_time();
    std::int64_t sources = 0;
    for (const TensorId input : op.inputs) {
      if (moves && axes.of(input).over_time()) sources += brings(input);
    }
    views.push_back(moves && sources <= brings(op.output()));
  }
  return views;
}

}  // namespace thimble::stream
