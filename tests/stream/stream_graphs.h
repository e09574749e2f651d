// Networks over time: random multirate ones, and the U-Nets of scattered online inference.
#pragma once

#include <algorithm>

#include "support/graph_builder.h"

namespace thimble::test {

/// x delayed by `elements`: padded before, cropped behind.
inline TensorId shift(GraphBuilder &builder, TensorId x, std::int32_t elements) {
  const Shape shape = builder.shape(x);
  const TensorId padded = builder.pad(x, {0, elements, 0, 0}, {0, 0, 0, 0});
  return builder.strided_slice(padded, {{0, 0, 0, 0}, {}, shape, {}});
}

/// A convolution over rows alone, with `before` rows of padding before the map and none behind.
inline TensorId causal_conv(GraphBuilder &builder, TensorId x, std::int32_t channels, std::int32_t taps,
                            std::int32_t stride = 1, std::int32_t dilation = 1, std::int32_t before = -1) {
  if (before < 0) before = (taps - 1) * dilation;
  return builder.conv_2d(x, channels, {taps, 1}, {stride, 1}, {dilation, 1},
                         PaddingRule(Padding2D{before, 0, 0, 0}));
}

struct UNetOptions {
  std::vector<std::int32_t> channels;  ///< of the encoder's levels
  std::vector<std::int32_t>
      compressed;          ///< levels (from 1) whose encoder halves the rate; their decoder repeats
  std::int32_t shift = 0;  ///< of the first compressed level: fully predictive
  std::int32_t late = 0;   ///< padding that the compressing filters lack: fires so much later
  std::int32_t input_channels = 16;
  std::int32_t frames = 64;
};

/// Encoder filters of 3 taps, decoder filters of 2, each decoder level reading its encoder's output, too.
inline Graph u_net(const UNetOptions &options) {
  GraphBuilder builder(1);
  const auto is_compressed = [&](std::int32_t level) {
    return std::find(options.compressed.begin(), options.compressed.end(), level) != options.compressed.end();
  };
  const std::int32_t levels = static_cast<std::int32_t>(options.channels.size());
  const TensorId x = builder.input({1, options.frames, 1, options.input_channels});
  TensorId h = x;
  std::vector<TensorId> skips;
  for (std::int32_t level = 1; level <= levels; ++level) {
    const std::int32_t channels = options.channels[static_cast<std::size_t>(level - 1)];
    if (!is_compressed(level)) {
      h = causal_conv(builder, h, channels, 3);
    } else {
      if (options.shift > 0 && level == options.compressed.front()) h = shift(builder, h, options.shift);
      Padding2D padding{2 - options.late, options.late, 0, 0};
      h = builder.conv_2d(h, channels, {3, 1}, {2, 1}, {}, PaddingRule(padding));
    }
    skips.push_back(h);
  }
  for (std::int32_t level = levels; level >= 1; --level) {
    if (level < levels) {
      TensorId skip = skips[static_cast<std::size_t>(level - 1)];
      h = builder.concatenation({h, skip}, 3);
    }
    h = causal_conv(builder, h, level > 1 ? options.channels[static_cast<std::size_t>(level - 2)] : 2, 2);
    if (is_compressed(level)) h = builder.resize_nearest_neighbor(h, builder.shape(h)[1] * 2, 1);
  }
  return builder.build({causal_conv(builder, builder.concatenation({h, x}, 3), 2, 2)});
}

/// As files have tensors that are joined; the graph itself where an operator wants another scale.
inline Graph with_one_scale(const Graph &graph) {
  Graph one = graph;
  for (Tensor &tensor : one.tensors) {
    if (!tensor.constant()) tensor.quantization = {{0.05f}, {3}, 0};
  }
  return verify(one) ? one : graph;
}

struct StreamGraphOptions {
  ElementType type = ElementType::int8;
  bool repeats = true;  ///< nearest neighbour
  bool padded = true;
  bool maxima = true;  ///< max-pools
  bool even = false;   ///< filters of transposed convolutions are multiples of their strides
  bool heads = true;   ///< may end in a sum over the whole window
  std::int32_t most_rate = 12;
};

namespace detail {

/// Time runs along the rows; strides 2 and 3, dilations, padding at both ends, joins, repetitions, shifts.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, const StreamGraphOptions &options)
      : options_(options), builder_(seed, options.type), random_(seed ^ 0x2545f4914f6cdd1du) {}

  Graph make() {
    const std::int32_t width = random_.integer(1, 2), channels = random_.integer(1, 3);
    TensorId x = builder_.input({1, 72, width, channels});
    const std::int32_t steps = random_.integer(2, 7);
    for (std::int32_t i = 0; i < steps; ++i) x = step(x);
    // Never a view alone, nor the input.
    x = builder_.conv_2d(x, 2, {1, 1});
    if (options_.heads && random_.chance(25)) x = head(x);
    return builder_.build({x});
  }

 private:
  struct Skip {
    std::int32_t stride;
    TensorId tensor;
  };

  std::int32_t length(TensorId x) const { return builder_.shape(x)[1]; }
  std::int32_t channels(TensorId x) const { return builder_.shape(x)[3]; }

  TensorId step(TensorId x) {
    const std::int32_t kind = random_.integer(0, 11);
    switch (kind) {
      case 0:
      case 1:
      case 2:
        return dilated(x);
      case 3:
      case 4:
        return strided(x);
      case 5:
      case 6:
        return repeated(x);
      case 7:
        return options_.padded ? shift(builder_, x, random_.integer(1, 2)) : x;
      case 8:
        return builder_.logistic(x);
      case 9:
        return pool(x);
      case 10:
        return padded_before(x);
      default:
        return turned(x);
    }
  }

  /// Padding of a filter that spans `extent` rows: all before, split, or none.
  Padding2D padding(std::int32_t extent) {
    if (!options_.padded) return {};
    const std::int32_t total = extent - 1;
    const std::int32_t before = random_.chance(60) ? total : random_.integer(0, total);
    return {before, total - before, 0, 0};
  }

  TensorId dilated(TensorId x) {
    const std::int32_t taps = random_.integer(1, 4), dilation = random_.integer(1, 3);
    const Padding2D rows = padding((taps - 1) * dilation + 1);
    if (length(x) <= 3 * (taps - 1) * dilation) return x;
    if (random_.chance(30)) {
      return builder_.depthwise_conv_2d(x, 1, {taps, 1}, {}, {dilation, 1}, PaddingRule(rows));
    }
    const TensorId y = builder_.conv_2d(x, channels(x), {taps, 1}, {}, {dilation, 1}, PaddingRule(rows));
    return options_.padded && random_.chance(50) ? joined(x, y) : y;
  }

  TensorId strided(TensorId x) {
    const std::int32_t stride = random_.integer(2, 3), taps = random_.integer(1, 4);
    const Padding2D rows = padding(taps);
    if (rate_ * stride > options_.most_rate || length(x) < 4 * stride) return x;
    if (options_.padded && length(x) % stride == 0) skips_.push_back({stride, x});
    rate_ *= stride;
    return builder_.conv_2d(x, 3, {taps, 1}, {stride, 1}, {}, PaddingRule(rows));
  }

  TensorId repeated(TensorId x) {
    if (!options_.repeats || skips_.empty()) return x;
    const Skip skip = skips_.back();
    if (length(x) * skip.stride != length(skip.tensor)) return x;
    skips_.pop_back();
    rate_ /= skip.stride;
    const std::int32_t rows = length(skip.tensor), width = builder_.shape(x)[2];
    TensorId y = kNone;
    if (random_.chance(40)) {
      // As many taps for each output, or not: then footprints say a little too much.
      const std::int32_t taps = options_.even ? skip.stride * random_.integer(1, 2) : random_.integer(1, 5);
      const Padding2D before{options_.padded ? random_.integer(0, taps - 1) : 0, 0, 0, 0};
      y = builder_.transpose_conv(x, random_.integer(1, 3), {taps, 1}, {skip.stride, 1}, {rows, width},
                                  before);
    } else {
      y = builder_.resize_nearest_neighbor(x, rows, width);
    }
    const bool alike = builder_.shape(skip.tensor)[2] == width;  // or turned meanwhile
    return random_.chance(60) && alike ? joined(skip.tensor, y) : y;
  }

  TensorId joined(TensorId a, TensorId b) {
    if (channels(a) == channels(b) && random_.chance(50)) return builder_.add(a, b);
    const TensorId all = builder_.concatenation({a, b}, 3);
    return channels(all) > 6 ? builder_.conv_2d(all, 3, {1, 1}) : all;
  }

  TensorId pool(TensorId x) {
    const std::int32_t taps = random_.integer(2, 3);
    const Padding2D rows = padding(taps);
    if (length(x) < 8) return x;
    return !options_.maxima || random_.chance(50)
               ? builder_.average_pool_2d(x, {taps, 1}, {1, 1}, PaddingRule(rows))
               : builder_.max_pool_2d(x, {taps, 1}, {1, 1}, PaddingRule(rows));
  }

  TensorId padded_before(TensorId x) {
    const std::int32_t taps = random_.integer(2, 3);
    if (!options_.padded) return x;
    const TensorId padded = builder_.pad(x, {0, taps - 1, 0, 0}, {0, 0, 0, 0});
    return builder_.conv_2d(padded, 2, {taps, 1}, {}, {}, PaddingRule::valid());
  }

  /// Time along other axes for a while.
  TensorId turned(TensorId x) {
    const Shape shape = builder_.shape(x);
    TensorId y = builder_.transpose(x, {0, 2, 1, 3});
    y = builder_.conv_2d(y, 3, {1, 2}, {}, {}, PaddingRule(Padding2D{0, 0, options_.padded ? 1 : 0, 0}));
    y = builder_.transpose(y, {0, 2, 1, 3});
    if (random_.chance(50)) return y;
    y = builder_.reshape(y, {1, length(y), shape[2] * 3});
    return builder_.reshape(builder_.logistic(y), {1, builder_.shape(y)[1], 1, shape[2] * 3});
  }

  TensorId head(TensorId x) {
    const std::int32_t classes = random_.integer(2, 4);
    if (random_.chance(50)) return builder_.fully_connected(builder_.mean(x, {1, 2}), classes);
    const std::int32_t all = static_cast<std::int32_t>(builder_.tensor(x).elements());
    return builder_.fully_connected(builder_.reshape(x, {1, all}), classes);
  }

  StreamGraphOptions options_;
  GraphBuilder builder_;
  Random random_;
  std::int32_t rate_ = 1;
  std::vector<Skip> skips_;
};

}  // namespace detail

inline Graph random_stream_graph(std::uint64_t seed, const StreamGraphOptions &options = {}) {
  return detail::RandomStream(seed, options).make();
}

}  // namespace thimble::test
