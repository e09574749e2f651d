#include "thimble/rewrite/channels.h"

#include <cstring>

#include "thimble/base/checked.h"
#include "thimble/graph/footprint.h"

namespace thimble {

namespace {

/// RESHAPE keeps the order of elements: element i is of channel i mod C before and i mod K after, so that a
/// channel after is of one channel before where C divides K.
std::vector<std::int32_t> reshaped(std::int32_t before, std::int32_t after) {
  if (after % before != 0) return {};
  std::vector<std::int32_t> map(static_cast<std::size_t>(after));
  for (std::int32_t channel = 0; channel < after; ++channel)
    map[static_cast<std::size_t>(channel)] = channel % before;
  return map;
}

template <class Convolution>
std::vector<bool> leaving_taps(const Convolution &conv, const Shape &x, const Shape &filter, const Shape &y) {
  const auto leaves = [](std::int32_t tap, std::int32_t stride, std::int32_t dilation, std::int32_t before,
                         std::int32_t length, std::int32_t positions) {
    const std::int64_t first = std::int64_t{tap} * dilation - before;
    return first < 0 || first + (std::int64_t{positions} - 1) * stride >= length;
  };
  std::vector<bool> taps;
  for (std::int32_t row = 0; row < filter[1]; ++row) {
    const bool row_leaves = leaves(row, conv.stride.rows, conv.dilation.rows, conv.padding.top, x[1], y[1]);
    for (std::int32_t column = 0; column < filter[2]; ++column) {
      taps.push_back(row_leaves || leaves(column, conv.stride.columns, conv.dilation.columns,
                                          conv.padding.left, x[2], y[2]));
    }
  }
  return taps;
}

}  // namespace

bool is_quantized_data(const Tensor &tensor) {
  const bool narrow = tensor.type == ElementType::int8 || tensor.type == ElementType::uint8 ||
                      tensor.type == ElementType::int16;
  return narrow && !tensor.quantization.per_channel();
}

std::vector<std::int32_t> channel_map(const Graph &graph, const Op &op, std::size_t input) {
  const Tensor &x = graph.tensor(op.inputs[input]), &y = graph.tensor(op.output());
  const std::int32_t channels = channel_count(x);
  if (op.is<Reshape>()) return reshaped(channels, channel_count(y));
  if (x.shape.empty() || y.shape.empty()) return {};
  const Footprint maps = footprint(graph, op, static_cast<int>(input));
  const auto follows = [&](const AxisMap &map) {
    return map.kind == AxisMap::Kind::follow && map.output_axis == y.rank() - 1;
  };
  for (std::size_t axis = 0; axis + 1 < maps.size(); ++axis) {
    if (follows(maps[axis])) return {};
  }
  const AxisMap &last = maps.back();
  if (!follows(last) || last.extent != 1 || last.num == 0) return {};
  std::vector<std::int32_t> map(static_cast<std::size_t>(channel_count(y)));
  for (std::size_t o = 0; o < map.size(); ++o) {
    const std::int64_t channel = floor_div(static_cast<std::int64_t>(o) * last.num + last.offset, last.den);
    map[o] = channel < 0 || channel >= channels ? kNone : static_cast<std::int32_t>(channel);
  }
  return map;
}

std::vector<bool> leaving_taps(const Graph &graph, const Op &op) {
  const Shape &x = graph.tensor(op.inputs[0]).shape, &filter = graph.tensor(op.inputs[1]).shape,
              &y = graph.tensor(op.output()).shape;
  return op.is<Conv2D>() ? leaving_taps(op.as<Conv2D>(), x, filter, y)
                         : leaving_taps(op.as<DepthwiseConv2D>(), x, filter, y);
}

std::optional<ChannelSum> channel_sum(const Graph &graph, const Op &op) {
  if (!op.is<Conv2D>() && !op.is<FullyConnected>()) return std::nullopt;
  const Tensor &x = graph.tensor(op.inputs[0]), &weights = graph.tensor(op.inputs[1]);
  if (!is_quantized_data(x)) return std::nullopt;
  ChannelSum sum;
  sum.weights = reinterpret_cast<const std::int8_t *>(weights.data->data());
  sum.outputs = weights.shape[0];
  sum.channels = channel_count(x);
  if (op.is<Conv2D>()) {
    if (weights.shape[3] != sum.channels) return std::nullopt;
    sum.taps = weights.shape[1] * weights.shape[2];
    sum.tap_leaves = leaving_taps(graph, op);
  } else {
    if (weights.shape[1] % sum.channels != 0) return std::nullopt;
    sum.taps = weights.shape[1] / sum.channels;
    sum.tap_leaves.assign(static_cast<std::size_t>(sum.taps), false);
  }
  return sum;
}

std::int64_t stored_bias(const Graph &graph, const Op &op, std::int32_t output) {
  if (op.inputs.size() < 3 || op.inputs[2] == kNone) return 0;
  const Tensor &bias = graph.tensor(op.inputs[2]);
  std::int64_t wide = 0;
  std::int32_t narrow = 0;
  if (bias.type == ElementType::int64) {
    std::memcpy(&wide, bias.data->data() + static_cast<std::size_t>(output) * sizeof wide, sizeof wide);
    return wide;
  }
  std::memcpy(&narrow, bias.data->data() + static_cast<std::size_t>(output) * sizeof narrow, sizeof narrow);
  return narrow;
}

}  // namespace thimble
