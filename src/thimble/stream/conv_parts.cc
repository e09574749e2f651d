#include "thimble/stream/conv_parts.h"

#include <algorithm>

#include "thimble/graph/edit.h"

namespace thimble::stream {
namespace {

/// Indices [begin, end) of an axis of a constant.
Tensor slice(const Tensor &from, int axis, std::int32_t begin, std::int32_t end) {
  const auto a = static_cast<std::size_t>(axis);
  std::vector<bool> kept(static_cast<std::size_t>(from.shape[a]));
  std::fill(kept.begin() + begin, kept.begin() + end, true);
  return indices_of(from, a, kept);
}

/// The bias as [channels], or kNone.
TensorId plain_bias(Graph &graph, const Op &op) {
  if (op.inputs.size() < 3 || op.inputs[2] == kNone) return kNone;
  Tensor bias = graph.tensor(op.inputs[2]);
  if (bias.rank() == 1) return op.inputs[2];
  bias.shape = {static_cast<std::int32_t>(bias.elements())};
  return add_tensor(graph, std::move(bias));
}

}  // namespace

bool is_filter(const Op &op) {
  return op.is<Conv2D>() || op.is<DepthwiseConv2D>() || op.is<ConvPart>();
}

std::optional<std::string> why_whole(const Graph &graph, const Op &op) {
  const ElementType type = graph.tensor(op.output()).type;
  if (type == ElementType::float32) return "float sums in parts would be rounded otherwise";
  if (type == ElementType::int16) return "sums of 16-bit data are 64 bits wide";
  const std::int32_t channels = graph.tensor(op.inputs[0]).shape[3];
  if (op.is<Conv2D>() && graph.tensor(op.inputs[1]).shape[3] != channels) return "it has groups of channels";
  if (op.is<ConvPart>() && op.as<ConvPart>().sums.size() == kMostSums) return "it adds up many sums already";
  return std::nullopt;
}

Op as_part(Graph &graph, const Op &op) {
  if (op.is<ConvPart>()) return op;
  Op part = op;
  if (op.is<Conv2D>()) {
    const Conv2D &conv = op.as<Conv2D>();
    part.attributes = ConvPart{conv.stride, conv.dilation, conv.padding, 0, {}, conv.activation};
  } else {
    const DepthwiseConv2D &conv = op.as<DepthwiseConv2D>();
    part.attributes =
        ConvPart{conv.stride, conv.dilation, conv.padding, conv.depth_multiplier, {}, conv.activation};
  }
  part.inputs = {op.inputs[0], op.inputs[1], plain_bias(graph, op)};
  return part;
}

Op taps_of(Graph &graph, const Op &part, int axis, std::int32_t begin, std::int32_t end) {
  Op taps = part;
  ConvPart attributes = part.as<ConvPart>();
  const std::int32_t all = graph.tensor(part.inputs[1]).shape[static_cast<std::size_t>(axis)];
  if (axis == 1) {
    attributes.padding.top -= begin * attributes.dilation.rows;
    attributes.padding.bottom -= (all - end) * attributes.dilation.rows;
  } else {
    attributes.padding.left -= begin * attributes.dilation.columns;
    attributes.padding.right -= (all - end) * attributes.dilation.columns;
  }
  taps.attributes = attributes;
  taps.inputs[1] = add_tensor(graph, slice(graph.tensor(part.inputs[1]), axis, begin, end));
  return taps;
}

Op channels_of(Graph &graph, const Op &part, const Range &channels) {
  Op some = part;
  some.inputs[1] = add_tensor(graph, slice(graph.tensor(part.inputs[1]), 3, channels.begin, channels.end));
  return some;
}

TensorId add_sums_tensor(Graph &graph, const Op &part, const std::string &ending) {
  Tensor sums = graph.tensor(part.output());
  sums.name += ending;
  sums.type = ElementType::int32;
  sums.quantization = {};
  return add_tensor(graph, std::move(sums));
}

void add_sums(Op &part, TensorId sums, const SumMap &map) {
  ConvPart attributes = part.as<ConvPart>();
  attributes.sums.push_back(map);
  part.attributes = attributes;
  part.inputs.push_back(sums);
}

}  // namespace thimble::stream
