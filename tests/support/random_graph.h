// Random networks that look like real ones: chains of convolutions with residual adds, branches and
// concatenations, odd sizes, strides, dilations, several outputs. They drive the property tests of everything
// that takes a graph.
//
// Compilers evaluate arguments in orders of their own: no call below draws two of its arguments, so that a
// seed is the same network in every build.
#pragma once

#include <algorithm>

#include "support/graph_builder.h"

namespace thimble::test {

struct RandomGraphOptions {
  ElementType type = ElementType::int8;
  int steps = 8;                ///< about as many operators
  std::int32_t most_side = 13;  ///< rows and columns of the input
  std::int32_t most_channels = 8;
  bool head = true;  ///< may end in a classifier
  bool several_outputs = true;
};

namespace detail {

class RandomNetwork {
 public:
  RandomNetwork(std::uint64_t seed, const RandomGraphOptions &options)
      : options_(options), builder_(seed, options.type), random_(seed ^ 0x5851f42d4c957f2du) {}

  Graph make() {
    TensorId x = builder_.input({1, side(3), side(3), channels()});
    maps_.push_back(x);
    for (int i = 0; i < options_.steps; ++i) {
      x = step(random_.chance(80) ? maps_.back() : random_.pick(maps_));
      maps_.push_back(x);
    }
    std::vector<TensorId> outputs{options_.head && random_.chance(50) ? classifier(x) : x};
    if (options_.several_outputs && random_.chance(40)) {
      const TensorId other = maps_[1 + static_cast<std::size_t>(random_.next() % (maps_.size() - 1))];
      if (other != outputs[0]) outputs.push_back(other);
    }
    return builder_.build(outputs);
  }

 private:
  std::int32_t side(std::int32_t least) { return random_.integer(least, options_.most_side); }
  std::int32_t channels() { return random_.integer(1, options_.most_channels); }
  Activation activation() {
    return random_.pick(std::vector<Activation>{Activation::none, Activation::relu, Activation::relu6,
                                                Activation::relu_n1_to_1});
  }
  /// A filter no larger than the map.
  Step2D filter(const Shape &map, std::int32_t most = 5) {
    return {random_.integer(1, std::min(most, map[1])), random_.integer(1, std::min(most, map[2]))};
  }
  Step2D stride() {
    return random_.chance(60) ? Step2D{1, 1} : Step2D{random_.integer(1, 3), random_.integer(1, 3)};
  }
  PaddingRule padding() { return random_.chance(70) ? PaddingRule::same() : PaddingRule::valid(); }

  TensorId step(TensorId x) {
    const Shape map = builder_.shape(x);
    const std::int32_t kind = random_.integer(0, 13);
    switch (kind) {
      case 0:
      case 1:
        return convolution(x, {1, 1}, {1, 1});
      case 2:
      case 3: {
        const Step2D taps = filter(map);
        return convolution(x, taps, stride());
      }
      case 4:
      case 5:
      case 6:
        return depthwise(x);
      case 7:
      case 8:
        return pool(x, kind == 7);
      case 9:
        return residual(x);
      case 10:
        return branches(x);
      case 11: {
        const std::int32_t top = random_.integer(0, 2), left = random_.integer(0, 1);
        const std::int32_t bottom = random_.integer(0, 1), right = random_.integer(0, 2);
        return builder_.pad(x, {0, top, left, 0}, {0, bottom, right, 0});
      }
      case 12:
        return map[1] * map[2] <= 64 && random_.chance(50)
                   ? builder_.resize_nearest_neighbor(x, map[1] * 2, map[2] * 2)
                   : builder_.logistic(x);
      default: {
        const TensorId gate = builder_.logistic(pointwise(x, map[3]));
        return builder_.mul(x, gate, activation());
      }
    }
  }

  TensorId pointwise(TensorId x, std::int32_t to) {
    return builder_.conv_2d(x, to, {1, 1}, {}, {}, PaddingRule::valid(), activation());
  }

  TensorId convolution(TensorId x, Step2D taps, Step2D step) {
    const bool dilated = step.rows == 1 && step.columns == 1 && random_.chance(20);
    const Step2D dilation = dilated ? Step2D{random_.integer(1, 2), random_.integer(1, 2)} : Step2D{};
    const PaddingRule rule = dilated ? PaddingRule::same() : padding();
    const std::int32_t to = channels();
    return builder_.conv_2d(x, to, taps, step, dilation, rule, activation());
  }

  TensorId depthwise(TensorId x) {
    const Shape map = builder_.shape(x);
    const std::int32_t multiplier = random_.chance(20) && map[3] <= 4 ? 2 : 1;
    const Step2D taps = filter(map), step = stride();
    const PaddingRule rule = padding();
    return builder_.depthwise_conv_2d(x, multiplier, taps, step, {}, rule, activation());
  }

  TensorId pool(TensorId x, bool average) {
    const Step2D taps = filter(builder_.shape(x), 3), step = stride();
    const PaddingRule rule = padding();
    return average ? builder_.average_pool_2d(x, taps, step, rule, activation())
                   : builder_.max_pool_2d(x, taps, step, rule, activation());
  }

  /// x + f(x), f keeping the shape: the inverted bottleneck of MobileNetV2.
  TensorId residual(TensorId x) {
    const std::int32_t width = builder_.shape(x)[3];
    TensorId inner = pointwise(x, width * 2);
    inner = builder_.depthwise_conv_2d(inner, 1, {3, 3});
    inner = pointwise(inner, width);
    return random_.chance(80) ? builder_.add(x, inner, activation()) : builder_.sub(x, inner, activation());
  }

  TensorId branches(TensorId x) {
    std::vector<TensorId> parts{pointwise(x, channels())};
    if (random_.chance(60)) parts.push_back(builder_.conv_2d(x, channels(), {3, 3}));
    if (random_.chance(40)) parts.push_back(x);
    if (random_.chance(40)) parts.push_back(builder_.max_pool_2d(x, {3, 3}, {1, 1}, PaddingRule::same()));
    return builder_.concatenation(parts, 3);
  }

  TensorId classifier(TensorId x) {
    const Shape map = builder_.shape(x);
    if (random_.chance(50)) {
      x = builder_.mean(x, {1, 2}, random_.chance(50));
    } else if (random_.chance(50)) {
      x = builder_.average_pool_2d(x, {map[1], map[2]}, {1, 1});
    }
    if (random_.chance(50))
      x = builder_.reshape(x, {1, static_cast<std::int32_t>(builder_.tensor(x).elements())});
    const std::int32_t classes = random_.integer(2, 12);
    x = builder_.fully_connected(x, classes, activation());
    return random_.chance(70) ? builder_.softmax(x) : x;
  }

  RandomGraphOptions options_;
  GraphBuilder builder_;
  Random random_;
  std::vector<TensorId> maps_;
};

}  // namespace detail

inline Graph random_graph(std::uint64_t seed, const RandomGraphOptions &options = {}) {
  return detail::RandomNetwork(seed, options).make();
}

}  // namespace thimble::test
