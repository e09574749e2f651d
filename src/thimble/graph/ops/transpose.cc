#include "thimble/graph/ops/support.h"

namespace thimble::rules {

Result<Shape> output_shape(const Transpose &transpose, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  const Shape &from = input(graph, op, 0).shape;
  if (transpose.permutation.size() != from.size()) {
    return refuse(graph, op, "permutes another number of axes than its input has");
  }
  std::vector<bool> used(from.size());
  Shape shape;
  for (std::int32_t axis : transpose.permutation) {
    if (axis < 0 || axis >= static_cast<std::int32_t>(from.size()) || used[static_cast<std::size_t>(axis)]) {
      return refuse(graph, op, "has a permutation that is none");
    }
    used[static_cast<std::size_t>(axis)] = true;
    shape.push_back(from[static_cast<std::size_t>(axis)]);
  }
  return shape;
}

Result<void> check_types(const Transpose &, const Graph &graph, const Op &op) {
  return expect_same_type(graph, op);
}

Footprint footprint(const Transpose &transpose, const Graph &, const Op &, int) {
  Footprint maps(transpose.permutation.size());
  for (std::size_t a = 0; a < maps.size(); ++a) {
    maps[static_cast<std::size_t>(transpose.permutation[a])] = AxisMap::same(static_cast<int>(a));
  }
  return maps;
}

std::int64_t macs(const Transpose &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const Transpose &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
