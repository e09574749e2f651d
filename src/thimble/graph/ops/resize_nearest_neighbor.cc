#include <algorithm>

#include "thimble/base/checked.h"
#include "thimble/graph/ops/support.h"
#include "thimble/graph/parameters.h"

namespace thimble::rules {
namespace {

/// The exact line `num * o / den` plus what float32 rounding and the half-pixel offset add to it: counted, so
/// that a row ring is no longer than it must be.
AxisMap resize_map(const ResizeNearestNeighbor &resize, int axis, std::int32_t from, std::int32_t to) {
  const bool corners = resize.align_corners && to > 1;
  const std::int32_t num = corners ? from - 1 : from;
  const std::int32_t den = corners ? to - 1 : to;
  std::int64_t least = from;
  std::int64_t most = -std::int64_t{from};
  for (std::int32_t o = 0; o < to; ++o) {
    const std::int64_t distance = nearest_source(resize, from, to, o) - floor_div(std::int64_t{num} * o, den);
    least = std::min(least, distance);
    most = std::max(most, distance);
  }
  const std::int64_t offset = least * den;
  if (offset < -0x7fffffff || offset > 0x7fffffff) return AxisMap::whole();
  return {AxisMap::Kind::follow,
          axis,
          num,
          den,
          static_cast<std::int32_t>(offset),
          static_cast<std::int32_t>(most - least + 1)};
}

}  // namespace

Result<Shape> output_shape(const ResizeNearestNeighbor &, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  const Tensor &x = input(graph, op, 0);
  const Tensor &y = output(graph, op);
  if (auto ok = expect_rank(graph, op, x, 4, "the input"); !ok) return tl::unexpected(ok.error());
  if (auto ok = expect_rank(graph, op, y, 4, "the output"); !ok) return tl::unexpected(ok.error());
  return Shape{x.shape[0], y.shape[1], y.shape[2], x.shape[3]};
}

Result<void> check_types(const ResizeNearestNeighbor &, const Graph &graph, const Op &op) {
  return expect_same_type(graph, op);
}

Footprint footprint(const ResizeNearestNeighbor &resize, const Graph &graph, const Op &op, int) {
  const Shape &from = input(graph, op, 0).shape;
  const Shape &to = output(graph, op).shape;
  return {AxisMap::same(0), resize_map(resize, 1, from[1], to[1]), resize_map(resize, 2, from[2], to[2]),
          AxisMap::same(3)};
}

std::int64_t macs(const ResizeNearestNeighbor &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const ResizeNearestNeighbor &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
