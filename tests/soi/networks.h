// Random networks over time with places for compressed regions: U-Nets, chains, residual blocks.
#pragma once

#include "stream/stream_graphs.h"
#include "thimble/soi/transform.h"

namespace thimble::test {

/// A network with its time, along the rows.
struct Timeline {
  Graph graph;
  stream::TimeAxes axes;
  stream::Rates rates;

  explicit Timeline(Graph of) : graph(std::move(of)) {
    axes = stream::find_time(graph, 1).value();
    rates = stream::stream_rates(graph, axes).value();
  }
  soi::Timed timed() const { return {graph, axes, rates}; }
  std::vector<soi::Position> positions() const { return soi::positions(timed()).value(); }
};

/// The last one has vectors per frame, which exporters pad and reshape around convolutions of maps.
enum class Family { u_net, chain, residual, vectors };
constexpr Family kFamilies[] = {Family::u_net, Family::chain, Family::residual, Family::vectors};

namespace detail {

class RandomSoiNetwork {
 public:
  RandomSoiNetwork(std::uint64_t seed, ElementType type)
      : builder_(seed, type), random_(seed ^ 0x9e3779b97f4a7c15u) {}

  Graph make(Family family) {
    // No multiple of all periods: the last held element may stand for fewer frames.
    const TensorId x = builder_.input({1, random_.integer(37, 48), random_.integer(1, 2), 2});
    switch (family) {
      case Family::u_net:
        return u_net(x);
      case Family::chain:
        return chain(x);
      case Family::residual:
        return residual(x);
      case Family::vectors:
        return vectors(builder_.reshape(x, {1, builder_.shape(x)[1], 2 * builder_.shape(x)[2]}));
    }
    return {};
  }

 private:
  TensorId conv(TensorId x, std::int32_t channels) {
    const std::int32_t taps = random_.integer(1, 4), dilation = random_.integer(1, 2);
    if (channels == builder_.shape(x)[3] && random_.chance(25))
      return builder_.depthwise_conv_2d(x, 1, {taps, 1}, {}, {dilation, 1}, before((taps - 1) * dilation));
    return builder_.conv_2d(x, channels, {taps, 1}, {}, {dilation, 1}, before((taps - 1) * dilation),
                            random_.chance(50) ? Activation::relu : Activation::none);
  }
  static PaddingRule before(std::int32_t rows) { return PaddingRule(Padding2D{rows, 0, 0, 0}); }

  TensorId function(TensorId x) {
    if (random_.chance(20)) return builder_.logistic(x);
    if (random_.chance(15)) return builder_.average_pool_2d(x, {2, 1}, {1, 1}, before(1));
    return x;
  }

  Graph u_net(TensorId x) {
    const std::int32_t levels = random_.integer(2, 5);
    std::vector<TensorId> skips = {x};
    for (std::int32_t level = 0; level < levels; ++level) {
      const std::int32_t channels = random_.integer(2, 5);
      skips.push_back(function(conv(skips.back(), channels)));
    }
    TensorId h = skips.back();
    for (std::int32_t level = levels - 1; level >= 0; --level) {
      const TensorId skip = skips[static_cast<std::size_t>(level)];
      const bool added = random_.chance(30);
      h = conv(h, added ? builder_.shape(skip)[3] : 3);
      h = added ? builder_.add(h, skip) : joined(h, skip);
    }
    return builder_.build({conv(h, 2)});
  }

  /// TensorFlow Lite joins int8 of one quantisation only.
  TensorId joined(TensorId h, TensorId skip) {
    const Quantization &to = builder_.tensor(skip).quantization;
    if (builder_.type() == ElementType::int8)
      h = builder_.quantize(h, ElementType::int8, to.scale(), to.zero_point());
    return builder_.concatenation({skip, h}, 3);
  }

  Graph chain(TensorId x) {
    const std::int32_t length = random_.integer(2, 6);
    for (std::int32_t i = 0; i < length; ++i) x = function(conv(x, random_.integer(2, 5)));
    if (random_.chance(30)) return builder_.build({builder_.fully_connected(builder_.mean(x, {1, 2}), 3)});
    return builder_.build({builder_.conv_2d(x, 2, {2, 1}, {}, {}, before(1))});
  }

  /// [1,T,C] --PAD--> --RESHAPE [1,1,T+k-1,C]--> --CONV_2D 1xk--> --RESHAPE--> [1,T,C']
  TensorId conv_1d(TensorId x, std::int32_t channels) {
    const std::int32_t taps = random_.integer(2, 4), frames = builder_.shape(x)[1];
    const TensorId padded = builder_.pad(x, {0, taps - 1, 0}, {0, 0, 0});
    const TensorId map = builder_.reshape(padded, {1, 1, frames + taps - 1, builder_.shape(x)[2]});
    const TensorId y =
        builder_.conv_2d(map, channels, {1, taps}, {}, {}, PaddingRule::valid(), Activation::relu);
    return builder_.reshape(y, {1, frames, channels});
  }

  Graph vectors(TensorId x) {
    const std::int32_t levels = random_.integer(1, 4);
    std::vector<TensorId> skips = {x};
    for (std::int32_t level = 0; level < levels; ++level) skips.push_back(conv_1d(skips.back(), 4));
    TensorId h = skips.back();
    for (std::int32_t level = levels - 1; level >= 0; --level) {
      const TensorId skip = skips[static_cast<std::size_t>(level)];
      h = builder_.add(conv_1d(h, builder_.shape(skip)[2]), skip);
    }
    return builder_.build({conv_1d(h, 2)});
  }

  Graph residual(TensorId x) {
    x = conv(x, 4);
    const std::int32_t blocks = random_.integer(1, 3);
    for (std::int32_t block = 0; block < blocks; ++block) {
      const std::int32_t inner = random_.integer(2, 5);
      const TensorId y = conv(function(conv(x, inner)), 4);
      x = builder_.add(x, y, Activation::relu);
    }
    return builder_.build({builder_.conv_2d(x, 2, {1, 1})});
  }

  GraphBuilder builder_;
  Random random_;
};

}  // namespace detail

inline Graph random_soi_network(std::uint64_t seed, Family family, ElementType type = ElementType::int8) {
  return detail::RandomSoiNetwork(seed, type).make(family);
}

/// Up to three positions that go together, at random.
inline std::vector<std::int32_t> some_pairs(const std::vector<soi::Position> &positions, Random &random) {
  std::vector<std::int32_t> numbers;
  for (const soi::Position &position : positions) {
    bool fits = numbers.size() < 3 && random.chance(50);
    for (const std::int32_t other : numbers)
      fits = fits && soi::compatible(position, positions[static_cast<std::size_t>(other - 1)]);
    if (fits) numbers.push_back(position.number);
  }
  if (numbers.empty()) numbers.push_back(positions[0].number);
  return numbers;
}

/// The seven levels of the table of costs, without pairs.
inline UNetOptions seven_levels() {
  UNetOptions options;
  options.channels = {16, 24, 32, 48, 64, 64, 64};
  return options;
}

}  // namespace thimble::test
