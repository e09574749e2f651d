#include "thimble/graph/rules.h"

namespace thimble {
Result<Shape> output_shape(const Graph &graph, const Op &op) {
  return std::visit([&](const auto &kind) { return rules::output_shape(kind, graph, op); }, op.attributes);
}

Result<void> check_types(const Graph &graph, const Op &op) {
  return std::visit([&](const auto &kind) { return rules::check_types(kind, graph, op); }, op.attributes);
}

std::int64_t macs(const Graph &graph, const Op &op, const Region &tile, const Range &reduction) {
  return std::visit([&](const auto &kind) { return rules::macs(kind, graph, op, tile, reduction); },
                    op.attributes);
}

std::int64_t macs(const Graph &graph, const Op &op) {
  return macs(graph, op, Region::whole(graph.tensor(op.output()).shape), {0, reduction_extent(graph, op)});
}

std::int64_t macs(const Graph &graph) {
  std::int64_t sum = 0;
  for (const Op &op : graph.ops) sum += macs(graph, op);
  return sum;
}

InPlace in_place(const Graph &graph, const Op &op, int input) {
  const std::size_t index = static_cast<std::size_t>(input);
  if (input < 0 || index >= op.inputs.size() || op.inputs[index] == kNone) return InPlace::no;
  if (graph.tensor(op.inputs[index]).constant()) return InPlace::no;
  return std::visit([&](const auto &kind) { return rules::in_place(kind, graph, op, input); }, op.attributes);
}

bool moves_elements(const Op &op) {
  return std::visit(
      [](const auto &kind) {
        return requires {
          kind.moves_elements;
        };
      },
      op.attributes);
}

}  // namespace thimble
