#include "thimble/graph/footprint.h"

#include <algorithm>

#include "thimble/base/checked.h"
#include "thimble/graph/rules.h"

namespace thimble {
namespace {

/// Where a `follow` axis is read for the output indices `output`, not empty; clipped to `length`.
Range followed(const AxisMap &map, const Range &output, std::int32_t length) {
  const auto start = [&](std::int64_t index) {
    const std::int64_t scaled = map.num * index + map.offset;
    return map.den == 1 ? scaled : floor_div(scaled, map.den);
  };
  const std::int64_t one = start(output.begin);
  const std::int64_t other = start(std::int64_t{output.end} - 1);
  const std::int64_t begin = std::clamp<std::int64_t>(std::min(one, other), 0, length);
  const std::int64_t end = std::clamp<std::int64_t>(std::max(one, other) + map.extent, begin, length);
  return {static_cast<std::int32_t>(begin), static_cast<std::int32_t>(end)};
}

}  // namespace

Footprint footprint(const Graph &graph, const Op &op, int input) {
  return std::visit([&](const auto &kind) { return rules::footprint(kind, graph, op, input); },
                    op.attributes);
}

Region input_region(const Footprint &footprint, const Shape &input_shape, const Region &output_region,
                    const Range &reduction) {
  Region region = Region::whole(input_shape);
  if (output_region.empty()) return Region::nothing(region.rank);
  bool reduction_seen = false;
  for (std::size_t a = 0; a < footprint.size(); ++a) {
    const AxisMap &map = footprint[a];
    switch (map.kind) {
      case AxisMap::Kind::follow:
        region.axis[a] =
            followed(map, map.output_axis == kNone ? Range{0, 1} : output_region.axis[map.output_axis],
                     input_shape[a]);
        break;
      case AxisMap::Kind::all:
        break;
      case AxisMap::Kind::accumulate:
        if (!reduction_seen) region.axis[a] = intersect(reduction, region.axis[a]);
        reduction_seen = true;
        break;
    }
  }
  return region;
}

std::int32_t reduction_extent(const Graph &graph, const Op &op) {
  if (op.inputs.empty()) return 1;
  const Footprint first = footprint(graph, op, 0);
  for (std::size_t a = 0; a < first.size(); ++a) {
    if (first[a].kind == AxisMap::Kind::accumulate) return graph.tensor(op.inputs[0]).shape[a];
  }
  return 1;
}

}  // namespace thimble
