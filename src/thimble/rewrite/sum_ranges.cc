#include "thimble/rewrite/sum_ranges.h"

#include "thimble/rewrite/channels.h"
#include "thimble/rewrite/intervals.h"

namespace thimble {

namespace {

/// Values with the zero point taken off that meet the weights: inside the map, and where a tap may leave it.
struct Patch {
  std::vector<Interval> inside, leaving;
};

Patch centred_patch(const ChannelRanges &x, std::int32_t offset) {
  Patch patch;
  for (const IntegerRange &range : x) {
    patch.inside.push_back(centred(range, offset));
    patch.leaving.push_back(or_zero(patch.inside.back()));
  }
  return patch;
}

/// Adds a run of weights times the values of channels that begin at `x`.
Interval plus_products(Interval sum, const Interval *x, const std::int8_t *weights, std::int32_t count) {
  for (std::int32_t i = 0; i < count; ++i) sum = sum + x[i] * weights[i];
  return sum;
}

/// Sum of one output channel of a convolution, depthwise or of groups.
Interval convolution_sum(const Graph &graph, const Op &op, const Patch &patch,
                         const std::vector<bool> &leaves, std::int32_t output, Interval sum) {
  const Tensor &weights = graph.tensor(op.inputs[1]);
  const auto *w = reinterpret_cast<const std::int8_t *>(weights.data->data());
  const auto channels = static_cast<std::int32_t>(patch.inside.size());
  const bool depthwise = op.is<DepthwiseConv2D>();
  const std::int32_t read = depthwise ? 1 : weights.shape[3];
  const std::int32_t first = depthwise ? output / op.as<DepthwiseConv2D>().depth_multiplier
                                       : output / (weights.shape[0] / (channels / read)) * read;
  for (std::size_t tap = 0; tap < leaves.size(); ++tap) {
    const std::size_t at = depthwise ? tap * static_cast<std::size_t>(weights.shape[3]) + output
                                     : (output * leaves.size() + tap) * static_cast<std::size_t>(read);
    const std::vector<Interval> &x = leaves[tap] ? patch.leaving : patch.inside;
    sum = plus_products(sum, x.data() + first, w + at, read);
  }
  return sum;
}

}  // namespace

ChannelRanges sum_ranges(const Graph &graph, const Op &op, const ChannelRanges &x) {
  const FilterParameters parameters = filter_parameters(graph, op);
  const Patch patch = centred_patch(x, parameters.input_offset);
  const std::int32_t outputs = channel_count(graph.tensor(op.output()));
  const bool dense = op.is<FullyConnected>();
  const std::optional<ChannelSum> flat = dense ? channel_sum(graph, op) : std::nullopt;
  if (dense && !flat) return {};
  const std::vector<bool> leaves = dense ? flat->tap_leaves : leaving_taps(graph, op);
  ChannelRanges ranges;
  for (std::int32_t o = 0; o < outputs; ++o) {
    const std::int64_t bias = stored_bias(graph, op, o);
    // Sums of products stay far below 2^62, and so must the bias.
    if (bias < -(std::int64_t{1} << 61) || bias > (std::int64_t{1} << 61)) {
      ranges.push_back(kEveryInt32);
      continue;
    }
    Interval sum = {bias, bias};
    if (dense) {
      for (std::int32_t tap = 0; tap < flat->taps; ++tap) {
        const std::size_t at = (static_cast<std::size_t>(o) * flat->taps + tap) * flat->channels;
        sum = plus_products(sum, patch.inside.data(), flat->weights + at, flat->channels);
      }
    } else {
      sum = convolution_sum(graph, op, patch, leaves, o, sum);
    }
    const QuantizedMultiplier m = parameters.multiplier(o);
    const IntegerRange scaled = parameters.wide ? rescaled_wide(sum, m) : rescaled(sum, m);
    ranges.push_back(shifted(scaled, parameters.output_offset));
  }
  return ranges;
}

}  // namespace thimble
