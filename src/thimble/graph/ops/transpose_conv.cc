#include "thimble/base/checked.h"
#include "thimble/graph/ops/support.h"

namespace thimble::rules {
namespace {

/// One axis: output index o gets input index i by tap o + before - i * stride of the filter.
struct Spread {
  std::int32_t size = 1, stride = 1, before = 0;
};

Spread rows(const TransposeConv &conv, const Tensor &weights) {
  return {weights.shape[1], conv.stride.rows, conv.padding.top};
}

Spread columns(const TransposeConv &conv, const Tensor &weights) {
  return {weights.shape[2], conv.stride.columns, conv.padding.left};
}

Result<void> expect_spread(const Graph &graph, const Op &op, const Spread &spread, const char *axis) {
  if (spread.stride < 1) return refuse(graph, op, std::string("has a stride below 1 along ") + axis);
  if (spread.before < 0 || spread.before >= spread.size) {
    return refuse(graph, op,
                  std::string("has padding that is negative or not smaller than its filter along ") + axis);
  }
  return {};
}

/// The last input whose window holds the output o is floor((o + before) / stride), and there are ceil(size /
/// stride) of them or one less. Where it is less the map says too much in front, so that a stream waits for
/// nothing. A filter of 3 with stride 2 and no padding:
///
///   output  0 1 2 3 4        input of its taps  0 | 0 | 0 1 | 1 | 1 2
AxisMap spread_map(int axis, const Spread &spread) {
  const std::int64_t most = (std::int64_t{spread.size} + spread.stride - 1) / spread.stride;
  const std::int64_t offset = spread.before - (most - 1) * spread.stride;
  return {AxisMap::Kind::follow,          axis, 1, spread.stride, static_cast<std::int32_t>(offset),
          static_cast<std::int32_t>(most)};
}

/// Taps of the outputs in the range, those outside of the input included.
std::int64_t taps(const Spread &spread, const Range &outputs) {
  std::int64_t count = 0;
  for (std::int32_t tap = 0; tap < spread.size; ++tap) {
    const std::int64_t first = std::int64_t{tap} - spread.before;  // and every stride from there
    count += floor_div(outputs.end - 1 - first, spread.stride) -
             floor_div(std::int64_t{outputs.begin} - 1 - first, spread.stride);
  }
  return count;
}

}  // namespace

Result<Shape> output_shape(const TransposeConv &conv, const Graph &graph, const Op &op) {
  if (auto ok = expect_filter_inputs(graph, op, 4, 0); !ok) return tl::unexpected(ok.error());
  const Tensor &x = input(graph, op, 0), &weights = input(graph, op, 1), &y = output(graph, op);
  if (auto ok = expect_rank(graph, op, x, 4, "the input"); !ok) return tl::unexpected(ok.error());
  if (auto ok = expect_rank(graph, op, y, 4, "the output"); !ok) return tl::unexpected(ok.error());
  if (weights.shape[3] != x.shape[3]) {
    return refuse(graph, op,
                  "has filters of " + std::to_string(weights.shape[3]) + " channels for an input of " +
                      std::to_string(x.shape[3]));
  }
  if (auto ok = expect_spread(graph, op, rows(conv, weights), "rows"); !ok) return tl::unexpected(ok.error());
  if (auto ok = expect_spread(graph, op, columns(conv, weights), "columns"); !ok)
    return tl::unexpected(ok.error());
  return Shape{x.shape[0], y.shape[1], y.shape[2], weights.shape[0]};
}

Result<void> check_types(const TransposeConv &, const Graph &graph, const Op &op) {
  return expect_filter_types(graph, op, 0);
}

Footprint footprint(const TransposeConv &conv, const Graph &graph, const Op &op, int index) {
  const Tensor &weights = input(graph, op, 1);
  if (index == 0) {
    return {AxisMap::same(0), spread_map(1, rows(conv, weights)), spread_map(2, columns(conv, weights)),
            AxisMap::whole()};
  }
  if (index == 1) return {AxisMap::same(3), AxisMap::whole(), AxisMap::whole(), AxisMap::whole()};
  return per_channel_footprint(input(graph, op, 2).rank(), 3);
}

std::int64_t macs(const TransposeConv &conv, const Graph &graph, const Op &op, const Region &tile,
                  const Range &) {
  const Tensor &weights = input(graph, op, 1);
  return std::int64_t{tile.axis[0].size()} * tile.axis[3].size() * weights.shape[3] *
         taps(rows(conv, weights), tile.axis[1]) * taps(columns(conv, weights), tile.axis[2]);
}

InPlace in_place(const TransposeConv &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
