#include <limits>

#include "thimble/base/checked.h"
#include "thimble/graph/ops/support.h"

namespace thimble::rules {
namespace {

Window rows(const ConvPart &part, const Tensor &weights) {
  return {weights.shape[1], part.stride.rows, part.dilation.rows, part.padding.top, part.padding.bottom};
}

Window columns(const ConvPart &part, const Tensor &weights) {
  return {weights.shape[2], part.stride.columns, part.dilation.columns, part.padding.left,
          part.padding.right};
}

/// The axis of output channels in the weights.
int weight_axis(const ConvPart &part) {
  return part.depth_multiplier > 0 ? 3 : 0;
}

/// As of a whole convolution, but windows may lie beside the map.
Result<std::int32_t> positions(const Graph &graph, const Op &op, std::int32_t length, const Window &window) {
  if (window.size < 1 || window.stride < 1 || window.dilation < 1)
    return refuse(graph, op, "has a filter size, stride or dilation below 1");
  const std::int64_t extent = (std::int64_t{window.size} - 1) * window.dilation + 1;
  const std::int64_t room = std::int64_t{length} + window.before + window.after - extent;
  if (room < 0 || extent > std::numeric_limits<std::int32_t>::max() ||
      room > std::numeric_limits<std::int32_t>::max())
    return refuse(graph, op, "has no place for its windows");
  return static_cast<std::int32_t>(room / window.stride + 1);
}

Result<void> expect_sums(const ConvPart &part, const Graph &graph, const Op &op, const Shape &made) {
  if (part.sums.size() > kMostSums || op.inputs.size() != 3 + part.sums.size())
    return refuse(graph, op, "has " + std::to_string(op.inputs.size()) + " inputs");
  for (std::size_t i = 0; i < part.sums.size(); ++i) {
    const SumMap &map = part.sums[i];
    const Tensor *sums = input_or_null(graph, op, 3 + i);
    if (sums == nullptr || sums->rank() != 4 || sums->shape[0] != made[0] || sums->shape[3] != made[3])
      return refuse(graph, op, "has sums that are none of its output");
    if (map.num.rows < 1 || map.num.columns < 1 || map.den.rows < 1 || map.den.columns < 1)
      return refuse(graph, op, "reads sums backwards");
  }
  return {};
}

}  // namespace

Result<Shape> output_shape(const ConvPart &part, const Graph &graph, const Op &op) {
  if (op.inputs.size() < 3) return refuse(graph, op, "has no place for a bias");
  if (auto ok = expect_inputs(graph, op, 2, op.inputs.size() - 2); !ok) return tl::unexpected(ok.error());
  const Tensor &x = input(graph, op, 0);
  const Tensor &weights = input(graph, op, 1);
  if (auto ok = expect_rank(graph, op, x, 4, "the input"); !ok) return tl::unexpected(ok.error());
  if (auto ok = expect_rank(graph, op, weights, 4, "the weights"); !ok) return tl::unexpected(ok.error());
  const Tensor *bias = input_or_null(graph, op, 2);
  if (!weights.constant() || (bias != nullptr && !bias->constant()))
    return refuse(graph, op, "has weights or a bias that are not constant");
  const std::int32_t channels = weights.shape[static_cast<std::size_t>(weight_axis(part))];
  if (bias != nullptr && bias->shape != Shape{channels})
    return refuse(graph, op, "has a bias that is none of its output");
  const bool fits =
      part.depth_multiplier > 0
          ? weights.shape[0] == 1 && std::int64_t{x.shape[3]} * part.depth_multiplier == weights.shape[3]
          : part.depth_multiplier == 0 && x.shape[3] == weights.shape[3];
  if (!fits) return refuse(graph, op, "has weights for another number of channels");
  const auto height = positions(graph, op, x.shape[1], rows(part, weights));
  if (!height) return tl::unexpected(height.error());
  const auto width = positions(graph, op, x.shape[2], columns(part, weights));
  if (!width) return tl::unexpected(width.error());
  Shape made{x.shape[0], *height, *width, channels};
  if (auto ok = expect_sums(part, graph, op, made); !ok) return tl::unexpected(ok.error());
  return made;
}

Result<void> check_types(const ConvPart &part, const Graph &graph, const Op &op) {
  for (std::size_t i = 0; i < part.sums.size(); ++i) {
    if (input(graph, op, 3 + i).type != ElementType::int32) return refuse(graph, op, "adds what are no sums");
  }
  const Tensor &x = input(graph, op, 0);
  if (x.type != ElementType::int8)
    return refuse(graph, op, std::string("has data of type ") + name_of(x.type) + ", whose sums are others");
  if (output(graph, op).type == ElementType::int8) return expect_filter_types(graph, op, weight_axis(part));
  if (output(graph, op).type != ElementType::int32 || input(graph, op, 1).type != ElementType::int8)
    return refuse(graph, op, std::string("makes ") + name_of(output(graph, op).type));
  const Tensor *bias = input_or_null(graph, op, 2);
  if (bias != nullptr && bias->type != ElementType::int32) return refuse(graph, op, "has a bias of no sum");
  return expect_quantized(graph, op, x, "the input");
}

Footprint footprint(const ConvPart &part, const Graph &graph, const Op &op, int index) {
  const Tensor &weights = input(graph, op, 1);
  const bool deep = part.depth_multiplier > 0;
  if (index == 0) {
    const AxisMap channels =
        deep ? AxisMap{AxisMap::Kind::follow, 3, 1, part.depth_multiplier, 0, 1} : AxisMap::whole();
    return {AxisMap::same(0), window_map(1, rows(part, weights)), window_map(2, columns(part, weights)),
            channels};
  }
  if (index == 1) {
    Footprint maps(4, AxisMap::whole());
    maps[static_cast<std::size_t>(weight_axis(part))] = AxisMap::same(3);
    return maps;
  }
  if (index == 2) return per_channel_footprint(1, 3);
  const SumMap &map = part.sums[static_cast<std::size_t>(index) - 3];
  return {AxisMap::same(0),
          {AxisMap::Kind::follow, 1, map.num.rows, map.den.rows, map.offset_rows, 1},
          {AxisMap::Kind::follow, 2, map.num.columns, map.den.columns, map.offset_columns, 1},
          AxisMap::same(3)};
}

std::int64_t macs(const ConvPart &part, const Graph &graph, const Op &op, const Region &tile, const Range &) {
  const Tensor &weights = input(graph, op, 1);
  const std::int64_t channels = part.depth_multiplier > 0 ? 1 : weights.shape[3];
  return tile.elements() * weights.shape[1] * weights.shape[2] * channels;
}

InPlace in_place(const ConvPart &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
