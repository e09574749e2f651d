#include "thimble/graph/ops/support.h"

namespace thimble::rules {

Result<Shape> output_shape(const StridedSlice &slice, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  const Shape &from = input(graph, op, 0).shape;
  const std::size_t rank = from.size();
  if (slice.begin.size() != rank || slice.stride.size() != rank || slice.extent.size() != rank ||
      slice.shrink.size() != rank) {
    return refuse(graph, op, "slices another number of axes than its input has");
  }
  Shape shape;
  for (std::size_t a = 0; a < rank; ++a) {
    const std::int64_t last = slice.begin[a] + (std::int64_t{slice.extent[a]} - 1) * slice.stride[a];
    if (slice.stride[a] == 0 || slice.extent[a] < 1 || slice.begin[a] < 0 || slice.begin[a] >= from[a] ||
        last < 0 || last >= from[a]) {
      return refuse(graph, op, "leaves its input along axis " + std::to_string(a));
    }
    if (!slice.shrink[a]) {
      shape.push_back(slice.extent[a]);
    } else if (slice.extent[a] != 1) {
      return refuse(graph, op, "drops axis " + std::to_string(a) + ", which is longer than 1");
    }
  }
  return shape;
}

Result<void> check_types(const StridedSlice &, const Graph &graph, const Op &op) {
  return expect_same_type(graph, op);
}

Footprint footprint(const StridedSlice &slice, const Graph &graph, const Op &op, int) {
  const bool scalar = output(graph, op).rank() == 0;
  Footprint maps;
  int output_axis = 0;
  for (std::size_t a = 0; a < slice.begin.size(); ++a) {
    if (!slice.shrink[a]) {
      maps.push_back({AxisMap::Kind::follow, output_axis++, slice.stride[a], 1, slice.begin[a], 1});
    } else if (scalar) {
      maps.push_back(AxisMap::whole());  // there is no axis to follow
    } else {
      maps.push_back({AxisMap::Kind::follow, 0, 0, 1, slice.begin[a], 1});  // always the one index
    }
  }
  return maps;
}

std::int64_t macs(const StridedSlice &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

/// Neighbours stay neighbours: the slice is copied in ascending order, to where it began or below.
InPlace in_place(const StridedSlice &slice, const Graph &, const Op &, int) {
  for (std::size_t a = 0; a < slice.stride.size(); ++a) {
    if (slice.shrink[a] || (slice.stride[a] != 1 && slice.extent[a] > 1)) return InPlace::no;
  }
  return InPlace::moving;
}

}  // namespace thimble::rules
