#include "thimble/graph/ops/support.h"

namespace thimble::rules {
namespace {

Window rows(const DepthwiseConv2D &conv, const Tensor &weights) {
  return {weights.shape[1], conv.stride.rows, conv.dilation.rows, conv.padding.top, conv.padding.bottom};
}

Window columns(const DepthwiseConv2D &conv, const Tensor &weights) {
  return {weights.shape[2], conv.stride.columns, conv.dilation.columns, conv.padding.left,
          conv.padding.right};
}

}  // namespace

Result<Shape> output_shape(const DepthwiseConv2D &conv, const Graph &graph, const Op &op) {
  if (auto ok = expect_filter_inputs(graph, op, 4, 3); !ok) return tl::unexpected(ok.error());
  const Tensor &x = input(graph, op, 0);
  const Tensor &weights = input(graph, op, 1);
  if (auto ok = expect_rank(graph, op, x, 4, "the input"); !ok) return tl::unexpected(ok.error());
  if (weights.shape[0] != 1 || conv.depth_multiplier < 1 ||
      std::int64_t{x.shape[3]} * conv.depth_multiplier != weights.shape[3]) {
    return refuse(graph, op,
                  "has weights of " + std::to_string(weights.shape[3]) + " channels for an input of " +
                      std::to_string(x.shape[3]) + " and a depth multiplier of " +
                      std::to_string(conv.depth_multiplier));
  }
  const auto height = window_positions(graph, op, "rows", x.shape[1], rows(conv, weights));
  if (!height) return tl::unexpected(height.error());
  const auto width = window_positions(graph, op, "columns", x.shape[2], columns(conv, weights));
  if (!width) return tl::unexpected(width.error());
  return Shape{x.shape[0], *height, *width, weights.shape[3]};
}

Result<void> check_types(const DepthwiseConv2D &, const Graph &graph, const Op &op) {
  return expect_filter_types(graph, op, 3);
}

Footprint footprint(const DepthwiseConv2D &conv, const Graph &graph, const Op &op, int index) {
  const Tensor &weights = input(graph, op, 1);
  if (index == 0) {
    const AxisMap channel{AxisMap::Kind::follow, 3, 1, conv.depth_multiplier, 0, 1};
    return {AxisMap::same(0), window_map(1, rows(conv, weights)), window_map(2, columns(conv, weights)),
            channel};
  }
  if (index == 1) return {AxisMap::whole(), AxisMap::whole(), AxisMap::whole(), AxisMap::same(3)};
  return per_channel_footprint(input(graph, op, 2).rank(), 3);
}

std::int64_t macs(const DepthwiseConv2D &, const Graph &graph, const Op &op, const Region &tile,
                  const Range &) {
  const Tensor &weights = input(graph, op, 1);
  return tile.elements() * weights.shape[1] * weights.shape[2];
}

InPlace in_place(const DepthwiseConv2D &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
