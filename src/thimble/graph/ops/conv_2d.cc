#include "thimble/graph/ops/support.h"

namespace thimble::rules {
namespace {

Window rows(const Conv2D &conv, const Tensor &weights) {
  return {weights.shape[1], conv.stride.rows, conv.dilation.rows, conv.padding.top, conv.padding.bottom};
}

Window columns(const Conv2D &conv, const Tensor &weights) {
  return {weights.shape[2], conv.stride.columns, conv.dilation.columns, conv.padding.left,
          conv.padding.right};
}

bool grouped(const Tensor &x, const Tensor &weights) {
  return x.shape[3] != weights.shape[3];
}

/// Whether the sum over input channels may be done in parts. Integers: always, addition is associative. Float
/// sums run over filter row, filter column, channel, in this order: a range of channels is a contiguous part
/// of it only where the filter has one tap.
bool sliceable(const Tensor &x, const Tensor &weights) {
  return !grouped(x, weights) && (x.type != ElementType::float32 || weights.shape[1] * weights.shape[2] == 1);
}

}  // namespace

Result<Shape> output_shape(const Conv2D &conv, const Graph &graph, const Op &op) {
  if (auto ok = expect_filter_inputs(graph, op, 4, 0); !ok) return tl::unexpected(ok.error());
  const Tensor &x = input(graph, op, 0);
  const Tensor &weights = input(graph, op, 1);
  if (auto ok = expect_rank(graph, op, x, 4, "the input"); !ok) return tl::unexpected(ok.error());
  const std::int32_t groups = x.shape[3] / weights.shape[3];
  if (x.shape[3] % weights.shape[3] != 0 || weights.shape[0] % groups != 0) {
    return refuse(graph, op,
                  "has filters of " + std::to_string(weights.shape[3]) + " channels for an input of " +
                      std::to_string(x.shape[3]) + " and an output of " + std::to_string(weights.shape[0]));
  }
  const auto height = window_positions(graph, op, "rows", x.shape[1], rows(conv, weights));
  if (!height) return tl::unexpected(height.error());
  const auto width = window_positions(graph, op, "columns", x.shape[2], columns(conv, weights));
  if (!width) return tl::unexpected(width.error());
  return Shape{x.shape[0], *height, *width, weights.shape[0]};
}

Result<void> check_types(const Conv2D &, const Graph &graph, const Op &op) {
  return expect_filter_types(graph, op, 0);
}

Footprint footprint(const Conv2D &conv, const Graph &graph, const Op &op, int index) {
  const Tensor &x = input(graph, op, 0);
  const Tensor &weights = input(graph, op, 1);
  const AxisMap channels = sliceable(x, weights) ? AxisMap::reduced() : AxisMap::whole();
  if (index == 0) {
    return {AxisMap::same(0), window_map(1, rows(conv, weights)), window_map(2, columns(conv, weights)),
            channels};
  }
  if (index == 1) return {AxisMap::same(3), AxisMap::whole(), AxisMap::whole(), channels};
  return per_channel_footprint(input(graph, op, 2).rank(), 3);
}

std::int64_t macs(const Conv2D &, const Graph &graph, const Op &op, const Region &tile,
                  const Range &reduction) {
  const Tensor &x = input(graph, op, 0);
  const Tensor &weights = input(graph, op, 1);
  const std::int64_t channels = sliceable(x, weights) ? reduction.size() : weights.shape[3];
  return tile.elements() * weights.shape[1] * weights.shape[2] * channels;
}

InPlace in_place(const Conv2D &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
