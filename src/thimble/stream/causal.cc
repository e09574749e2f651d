#include "thimble/stream/causal.h"

#include <utility>
#include <variant>

namespace thimble::stream {
namespace {

/// Whether there was anything to move.
bool move_before(std::int32_t &before, std::int32_t &behind) {
  before += behind;
  return std::exchange(behind, 0) > 0;
}

bool move_padding(Pad &pad, int axis) {
  const auto a = static_cast<std::size_t>(axis);
  return move_before(pad.before[a], pad.after[a]);
}

template <class Kind>
bool move_padding(Kind &kind, int axis) {
  if constexpr (requires { kind.padding.top; }) {
    if (axis == 1) return move_before(kind.padding.top, kind.padding.bottom);
    if (axis == 2) return move_before(kind.padding.left, kind.padding.right);
  }
  return false;
}

}  // namespace

Causal make_causal(Graph graph, const TimeAxes &axes) {
  Causal causal{std::move(graph), {}};
  for (std::size_t o = 0; o < causal.graph.ops.size(); ++o) {
    Op &op = causal.graph.ops[o];
    if (op.inputs.empty() || op.inputs[0] == kNone || axes.of(op.inputs[0]).axis == kNone) continue;
    const int axis = axes.of(op.inputs[0]).axis;
    const bool moved = std::visit([&](auto &kind) { return move_padding(kind, axis); }, op.attributes);
    if (moved) causal.moved.push_back(static_cast<OpId>(o));
  }
  return causal;
}

}  // namespace thimble::stream
