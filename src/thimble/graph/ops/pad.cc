#include <limits>

#include "thimble/graph/ops/support.h"

namespace thimble::rules {

Result<Shape> output_shape(const Pad &pad, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  const Tensor &x = input(graph, op, 0);
  if (pad.before.size() != x.shape.size() || pad.after.size() != x.shape.size()) {
    return refuse(graph, op, "has paddings for another number of axes than its input has");
  }
  Shape shape;
  for (std::size_t a = 0; a < x.shape.size(); ++a) {
    const std::int64_t length = std::int64_t{x.shape[a]} + pad.before[a] + pad.after[a];
    if (pad.before[a] < 0 || pad.after[a] < 0 || length > std::numeric_limits<std::int32_t>::max()) {
      return refuse(graph, op, "has a negative or too large padding along axis " + std::to_string(a));
    }
    shape.push_back(static_cast<std::int32_t>(length));
  }
  return shape;
}

Result<void> check_types(const Pad &, const Graph &graph, const Op &op) {
  return expect_same_type(graph, op);
}

Footprint footprint(const Pad &pad, const Graph &, const Op &, int) {
  Footprint maps;
  for (std::size_t a = 0; a < pad.before.size(); ++a) {
    maps.push_back({AxisMap::Kind::follow, static_cast<int>(a), 1, 1, -pad.before[a], 1});
  }
  return maps;
}

std::int64_t macs(const Pad &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const Pad &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
