#include "thimble/rewrite/drop_identities.h"

#include "thimble/graph/parameters.h"
#include "thimble/rewrite/sweep.h"

namespace thimble {

namespace {

/// Rescaling by s/s is exact: M(1) is 2^30 * 2^(1-31), and 8 or 16 bits do not overflow.
bool rescales_to_itself(const Tensor &x, const Tensor &y) {
  const bool narrow =
      x.type == ElementType::int8 || x.type == ElementType::uint8 || x.type == ElementType::int16;
  return narrow && same_meaning(x, y);
}

template <class Pool>
bool passes_on(const Pool &pool, const Tensor &x, const Tensor &y) {
  const Step2D one{};
  if (!is_integer(x.type) || !(pool.filter == one) || !(pool.stride == one)) return false;
  return activation_range(pool.activation, y) == range_of(y.type);
}

bool takes_everything(const StridedSlice &slice, const Shape &from) {
  for (std::size_t a = 0; a < from.size(); ++a) {
    if (slice.extent[a] != from[a] || (from[a] > 1 && slice.stride[a] != 1)) return false;
  }
  return true;
}

bool repeats_nothing(const ResizeNearestNeighbor &resize, const Shape &from, const Shape &to) {
  for (const std::size_t axis : {1, 2}) {
    if (from[axis] != to[axis]) return false;
    for (std::int32_t o = 0; o < to[axis]; ++o) {
      if (nearest_source(resize, from[axis], to[axis], o) != o) return false;
    }
  }
  return true;
}

bool is_identity(const Graph &graph, const Op &op) {
  if (op.inputs.size() != 1) return false;
  const Tensor &x = graph.tensor(op.inputs[0]), &y = graph.tensor(op.output());
  if (x.elements() != y.elements() || x.type != y.type) return false;
  if (op.is<Quantize>() || op.is<Mean>()) return rescales_to_itself(x, y);
  if (op.is<AveragePool2D>()) return passes_on(op.as<AveragePool2D>(), x, y);
  if (op.is<MaxPool2D>()) return passes_on(op.as<MaxPool2D>(), x, y);
  if (op.is<StridedSlice>()) return takes_everything(op.as<StridedSlice>(), x.shape);
  if (op.is<ResizeNearestNeighbor>())
    return repeats_nothing(op.as<ResizeNearestNeighbor>(), x.shape, y.shape);
  return op.is<Concatenation>();
}

}  // namespace

Result<Graph> drop_identities(Graph graph) {
  for (Op &op : graph.ops) {
    if (is_identity(graph, op)) op.attributes = Reshape{};
  }
  return graph;
}

}  // namespace thimble
