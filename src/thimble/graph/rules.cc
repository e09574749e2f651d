#include "thimble/graph/rules.h"

namespace thimble {
namespace {

/// Operators that read element i of each input of the output's size before they write element i.
bool element_wise(const Op &op) {
  return op.is<Add>() || op.is<Sub>() || op.is<Mul>() || op.is<Logistic>() || op.is<Softmax>() ||
         op.is<Quantize>();
}

}  // namespace

Result<Shape> output_shape(const Graph &graph, const Op &op) {
  return std::visit([&](const auto &kind) { return rules::output_shape(kind, graph, op); }, op.attributes);
}

std::int64_t macs(const Graph &graph, const Op &op, const Region &tile, const Range &reduction) {
  return std::visit([&](const auto &kind) { return rules::macs(kind, graph, op, tile, reduction); },
                    op.attributes);
}

std::int64_t macs(const Graph &graph, const Op &op) {
  return macs(graph, op, Region::whole(graph.tensor(op.output()).shape), {0, reduction_extent(graph, op)});
}

InPlace in_place(const Graph &graph, const Op &op, int input) {
  if (input < 0 || static_cast<std::size_t>(input) >= op.inputs.size() || op.inputs[input] == kNone) {
    return InPlace::no;
  }
  const Tensor &from = graph.tensor(op.inputs[input]);
  const Tensor &to = graph.tensor(op.output());
  if (from.constant()) return InPlace::no;
  if (op.is<Reshape>()) return InPlace::alias;
  // A broadcast input is read again after the output has passed over it.
  if (element_wise(op) && from.shape == to.shape && size_of(from.type) == size_of(to.type)) {
    return InPlace::ascending;
  }
  return InPlace::no;
}

}  // namespace thimble
