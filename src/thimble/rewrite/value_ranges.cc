#include "thimble/rewrite/value_ranges.h"

#include <numeric>

#include "thimble/graph/rules.h"
#include "thimble/rewrite/channels.h"
#include "thimble/rewrite/intervals.h"
#include "thimble/rewrite/sum_ranges.h"

namespace thimble {

namespace {

/// Work and memory that the analysis of one graph may take.
constexpr std::int64_t kMostReads = 100'000'000;
constexpr std::int64_t kMostChannels = 10'000'000;

bool is_affordable(const Graph &graph) {
  std::int64_t channels = 0, reads = 0;
  for (const Op &op : graph.ops) {
    channels += channel_count(graph.tensor(op.output()));
    for (const TensorId id : op.inputs) {
      if (id != kNone && graph.tensor(id).constant()) reads += graph.tensor(id).elements();
    }
    if (channels > kMostChannels || reads > kMostReads) return false;
  }
  return true;
}

bool is_filter(const Op &op) {
  return op.is<Conv2D>() || op.is<DepthwiseConv2D>() || op.is<FullyConnected>();
}

std::int32_t stored(const Tensor &tensor, std::size_t element) {
  const std::uint8_t *bytes = tensor.data->data();
  if (tensor.type == ElementType::int8) return static_cast<std::int8_t>(bytes[element]);
  if (tensor.type == ElementType::uint8) return bytes[element];
  return static_cast<std::int16_t>(bytes[2 * element] | bytes[2 * element + 1] << 8);  // little-endian
}

ChannelRanges ranges_of_constant(const Tensor &tensor) {
  ChannelRanges ranges(static_cast<std::size_t>(channel_count(tensor)));
  for (std::size_t i = 0; i < static_cast<std::size_t>(tensor.elements()); ++i) {
    const std::int32_t value = stored(tensor, i);
    IntegerRange &range = ranges[i % ranges.size()];
    range = i < ranges.size() ? IntegerRange{value, value} : union_of(range, {value, value});
  }
  return ranges;
}

/// The ranges of an operand of an element-wise operator for the channels of its output.
const IntegerRange &broadcast(const ChannelRanges &operand, std::size_t channel) {
  return operand[operand.size() == 1 ? 0 : channel];
}

ChannelRanges sum_or_difference(const Graph &graph, const Op &op, const ChannelRanges &a,
                                const ChannelRanges &b, std::size_t channels) {
  const AddParameters p = add_parameters(graph, op);
  const auto scaled = [&](const IntegerRange &range, std::size_t i) {
    const IntegerRange r =
        rescaled(centred(range, p.input_offsets[i]) * (std::int64_t{1} << p.left_shift), p.inputs[i]);
    return Interval{r.min, r.max};
  };
  ChannelRanges ranges;
  for (std::size_t c = 0; c < channels; ++c) {
    const Interval first = scaled(broadcast(a, c), 0), second = scaled(broadcast(b, c), 1);
    const Interval sum = op.is<Sub>() ? first - second : first + second;
    ranges.push_back(shifted(rescaled(sum, p.output), p.output_offset));
  }
  return ranges;
}

ChannelRanges product(const Graph &graph, const Op &op, const ChannelRanges &a, const ChannelRanges &b,
                      std::size_t channels) {
  const MulParameters p = mul_parameters(graph, op);
  ChannelRanges ranges;
  for (std::size_t c = 0; c < channels; ++c) {
    const Interval first = centred(broadcast(a, c), p.input_offsets[0]),
                   second = centred(broadcast(b, c), p.input_offsets[1]);
    const Interval low = first * second.min, high = first * second.max;
    const Interval both = {std::min(low.min, high.min), std::max(low.max, high.max)};
    ranges.push_back(shifted(rescaled(both, p.output), p.output_offset));
  }
  return ranges;
}

/// An average of values is between the least and the largest of them, rounded or not, unless its sum wraps.
ChannelRanges average(const AveragePool2D &pool, const ChannelRanges &x) {
  const std::int64_t taps = std::int64_t{pool.filter.rows} * pool.filter.columns;
  ChannelRanges ranges;
  for (const IntegerRange &range : x) {
    ranges.push_back(fits_int32(centred(range, 0) * taps) ? range : kEveryInt32);
  }
  return ranges;
}

ChannelRanges mean(const Graph &graph, const Op &op, const ChannelRanges &x) {
  const MeanParameters p = mean_parameters(graph, op);
  const std::int32_t offset = -graph.tensor(op.inputs[0]).quantization.zero_point();
  const IntegerRange limits = range_of(graph.tensor(op.output()).type);
  const auto averaged = [&](const Interval &sum) {
    return clamped(shifted(rescaled(sum, p.output), p.output_offset), limits);
  };
  const std::vector<std::int32_t> map = channel_map(graph, op, 0);
  ChannelRanges ranges;
  for (const std::int32_t channel : map) {
    ranges.push_back(averaged(centred(x[static_cast<std::size_t>(channel)], offset) * p.count));
  }
  if (!map.empty()) return ranges;
  const IntegerRange all = std::accumulate(x.begin(), x.end(), x[0], union_of);
  ranges.assign(static_cast<std::size_t>(channel_count(graph.tensor(op.output()))),
                averaged(centred(all, offset) * p.count));
  return ranges;
}

ChannelRanges requantized(const Graph &graph, const Op &op, const ChannelRanges &x) {
  const RequantizeParameters p = requantize_parameters(graph, op);
  ChannelRanges ranges;
  for (const IntegerRange &range : x) {
    const IntegerRange scaled = rescaled(centred(range, -p.input_zero_point), p.multiplier);
    ranges.push_back(clamped(shifted(scaled, p.output_zero_point), p.range));
  }
  return ranges;
}

/// Of bytes: every value is tried.
template <class Function>
ChannelRanges tried(const ChannelRanges &x, const Function &function) {
  ChannelRanges ranges;
  for (const IntegerRange &range : x) {
    const auto at = [&](std::int32_t value) {
      const std::int32_t y = function(value);
      return IntegerRange{y, y};
    };
    IntegerRange reached = at(range.min);
    for (std::int32_t value = range.min; value <= range.max; ++value) reached = union_of(reached, at(value));
    ranges.push_back(reached);
  }
  return ranges;
}

/// Operators that move elements: a channel holds what the channels that it comes from hold.
ChannelRanges moved(const Graph &graph, const Op &op, const std::vector<ChannelRanges> &ranges) {
  const Tensor &y = graph.tensor(op.output());
  const std::int32_t zero_point = y.quantization.zero_point();
  std::vector<std::optional<IntegerRange>> held(static_cast<std::size_t>(channel_count(y)));
  const auto add = [](std::optional<IntegerRange> &to, const IntegerRange &range) {
    to = to ? union_of(*to, range) : range;
  };
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const ChannelRanges &x = ranges[static_cast<std::size_t>(op.inputs[i])];
    if (x.empty()) return {};
    const std::vector<std::int32_t> map = channel_map(graph, op, i);
    const IntegerRange all = std::accumulate(x.begin(), x.end(), x[0], union_of);
    for (std::size_t c = 0; c < held.size(); ++c) {
      if (map.empty()) {
        add(held[c], all);
      } else if (map[c] != kNone) {
        add(held[c], x[static_cast<std::size_t>(map[c])]);
      }
    }
  }
  ChannelRanges result;
  for (std::optional<IntegerRange> &range : held) {
    if (op.is<Pad>()) add(range, {zero_point, zero_point});
    result.push_back(*range);
  }
  return result;
}

ChannelRanges logistic(const Graph &graph, const Op &op, const ChannelRanges &x) {
  const LogisticParameters p = logistic_parameters(graph, op);
  return tried(
      x, [&](std::int32_t value) { return std::int32_t{logistic_int8(static_cast<std::int8_t>(value), p)}; });
}

/// Each side of zero by itself is monotone, whatever the slope.
ChannelRanges leaked(const Graph &graph, const Op &op, const ChannelRanges &x) {
  const LeakyReluParameters p = leaky_relu_parameters(graph, op);
  ChannelRanges ranges;
  for (const IntegerRange &range : x) {
    const Interval all = centred(range, -p.input_zero_point);
    std::optional<IntegerRange> sides;
    const auto add = [&](const Interval &side, QuantizedMultiplier m) {
      if (side.min > side.max) return;
      const IntegerRange result = clamped(shifted(rescaled(side, m), p.output_zero_point), p.range);
      sides = sides ? union_of(*sides, result) : result;
    };
    add({std::max<std::int64_t>(all.min, 0), all.max}, p.positive);
    add({all.min, std::min<std::int64_t>(all.max, -1)}, p.negative);
    ranges.push_back(*sides);
  }
  return ranges;
}

ChannelRanges looked_up(const Lookup &lookup, const Tensor &output, const ChannelRanges &x) {
  return tried(x, [&](std::int32_t value) {
    const std::uint8_t byte = lookup.table[static_cast<std::uint8_t>(value)];
    return output.type == ElementType::int8 ? std::int32_t{static_cast<std::int8_t>(byte)}
                                            : std::int32_t{byte};
  });
}

/// Ranges of what `op` computes from inputs that are all known; empty when it can be anything of its type.
ChannelRanges computed_ranges(const Graph &graph, const Op &op, const std::vector<ChannelRanges> &ranges) {
  ChannelRanges before = ranges_before_activation(graph, op, ranges);
  if (!before.empty()) {
    const IntegerRange limits = activation_range(activation_of(op), graph.tensor(op.output()));
    for (IntegerRange &range : before) range = clamped(range, limits);
    return before;
  }
  if (op.inputs.empty() || ranges[static_cast<std::size_t>(op.inputs[0])].empty()) return {};
  const ChannelRanges &x = ranges[static_cast<std::size_t>(op.inputs[0])];
  if (op.is<Mean>()) return mean(graph, op, x);
  if (op.is<Quantize>()) return requantized(graph, op, x);
  if (op.is<Logistic>() && graph.tensor(op.inputs[0]).type == ElementType::int8)
    return logistic(graph, op, x);
  if (op.is<LeakyRelu>()) return leaked(graph, op, x);
  if (op.is<Lookup>()) return looked_up(op.as<Lookup>(), graph.tensor(op.output()), x);
  return moves_elements(op) ? moved(graph, op, ranges) : ChannelRanges();
}

}  // namespace

ChannelRanges ranges_before_activation(const Graph &graph, const Op &op,
                                       const std::vector<ChannelRanges> &ranges) {
  if (op.inputs.empty() || !is_quantized_data(graph.tensor(op.output()))) return {};
  const ChannelRanges &x = ranges[static_cast<std::size_t>(op.inputs[0])];
  if (x.empty()) return {};
  if (is_filter(op)) return sum_ranges(graph, op, x);
  if (op.is<AveragePool2D>()) return average(op.as<AveragePool2D>(), x);
  if (op.is<MaxPool2D>()) return x;
  const bool pair = op.is<Add>() || op.is<Sub>() || op.is<Mul>();
  if (!pair || ranges[static_cast<std::size_t>(op.inputs[1])].empty()) return {};
  const ChannelRanges &y = ranges[static_cast<std::size_t>(op.inputs[1])];
  const auto channels = static_cast<std::size_t>(channel_count(graph.tensor(op.output())));
  return op.is<Mul>() ? product(graph, op, x, y, channels) : sum_or_difference(graph, op, x, y, channels);
}

std::vector<ChannelRanges> value_ranges(const Graph &graph) {
  if (!is_affordable(graph)) return {};
  std::vector<ChannelRanges> ranges(graph.tensors.size());
  for (const Op &op : graph.ops) {
    for (const TensorId id : op.inputs) {
      if (is_filter(op) || id == kNone || !graph.tensor(id).constant()) continue;
      ChannelRanges &of_constant = ranges[static_cast<std::size_t>(id)];
      if (of_constant.empty() && is_quantized_data(graph.tensor(id)))
        of_constant = ranges_of_constant(graph.tensor(id));
    }
    const Tensor &y = graph.tensor(op.output());
    if (!is_quantized_data(y)) continue;
    ChannelRanges &result = ranges[static_cast<std::size_t>(op.output())];
    result = computed_ranges(graph, op, ranges);
    if (result.empty()) result.assign(static_cast<std::size_t>(channel_count(y)), range_of(y.type));
  }
  return ranges;
}

}  // namespace thimble
