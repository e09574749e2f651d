// Random networks that keep states, put together from what real ones have: windows that slide over frames
// with a convolution behind them, SVDF, recurrent cells, running sums, and delays.
#pragma once

#include "support/graph_builder.h"

namespace thimble::test {

namespace detail {

class StatefulNetwork {
 public:
  StatefulNetwork(std::uint64_t seed, ElementType type)
      : builder_(seed, type), random_(seed ^ 0x2545f4914f6cdd1du) {}

  Graph make() {
    const std::int32_t rows = random_.integer(1, 3), channels = random_.integer(1, 6);
    TensorId map = builder_.input({1, rows, 1, channels});
    const std::int32_t windows = random_.integer(1, 3);
    for (std::int32_t i = 0; i < windows; ++i) map = window(map);
    TensorId vector = flat(map);
    const std::int32_t others = random_.integer(0, 3);
    for (std::int32_t i = 0; i < others; ++i) vector = other(vector);
    std::vector<TensorId> outputs{random_.chance(70) ? builder_.fully_connected(vector, 3) : vector};
    if (random_.chance(30)) add_output(outputs, vector);
    // What the caller gets and the next inference reads, too.
    if (random_.chance(30)) add_output(outputs, random_.pick(written_));
    return builder_.build(outputs);
  }

 private:
  static void add_output(std::vector<TensorId> &outputs, TensorId more) {
    if (std::find(outputs.begin(), outputs.end(), more) == outputs.end()) outputs.push_back(more);
  }

  TensorId flat(TensorId map) {
    return builder_.reshape(map, {1, static_cast<std::int32_t>(builder_.tensor(map).elements())});
  }

  /// Bytes of all kinds to begin with.
  void begin(TensorId state) {
    if (!random_.chance(50)) return;
    const Tensor &tensor = builder_.tensor(state);
    builder_.begin(state, random_bytes(random_, tensor.type, tensor.elements()));
  }

  void keep(TensorId read, TensorId written) {
    builder_.keep(read, written);
    written_.push_back(written);
  }

  TensorId rows_of(TensorId map, std::int32_t begin, std::int32_t rows) {
    const Shape shape = builder_.shape(map);
    StridedSlice slice;
    slice.begin = {0, begin, 0, 0};
    slice.extent = {1, rows, shape[2], shape[3]};
    return builder_.strided_slice(map, slice);
  }

  /// The last rows of before, then those of the frame; a convolution over all of them.
  TensorId window(TensorId map) {
    const Shape frame = builder_.shape(map);
    const std::int32_t kept = random_.integer(1, 6), fill = random_.integer(0, 255);
    const TensorId before = builder_.state_like(
        map, {1, kept, frame[2], frame[3]},
        builder_.type() == ElementType::float32 ? std::uint8_t{0} : static_cast<std::uint8_t>(fill));
    begin(before);
    TensorId all = kNone, after = kNone;
    if (random_.chance(40) && frame[1] < kept) {
      all = after = builder_.concatenation({rows_of(before, frame[1], kept - frame[1]), map}, 1);
    } else {
      all = builder_.concatenation({before, map}, 1);
      after = rows_of(all, frame[1], kept);
    }
    keep(before, after);
    const std::int32_t taps = random_.integer(1, std::min(4, builder_.shape(all)[1]));
    const std::int32_t channels = random_.integer(1, 6);
    const TensorId y =
        random_.chance(30)
            ? builder_.depthwise_conv_2d(all, 1, {taps, 1}, {}, {}, PaddingRule::valid(), Activation::relu)
            : builder_.conv_2d(all, channels, {taps, 1}, {}, {}, PaddingRule::valid(), Activation::relu);
    // Sometimes as many rows as there are, sometimes the newest only.
    const std::int32_t made = builder_.shape(y)[1];
    return random_.chance(50) ? rows_of(y, made - 1, 1) : y;
  }

  TensorId other(TensorId x) {
    switch (random_.integer(0, 4)) {
      case 0:
        return svdf(x);
      case 1:
        return cell(x);
      case 2:
        return sum(x);
      case 3:
        return delay(x);
      default:
        return builder_.fully_connected(x, random_.integer(1, 8), Activation::relu);
    }
  }

  TensorId svdf(TensorId x) {
    if (builder_.type() == ElementType::int16) return cell(x);
    const std::int32_t rank = random_.integer(1, 2), length = random_.integer(1, 6);
    const std::int32_t filters = rank * random_.integer(1, 5);
    const TensorId memory = builder_.state({1, filters * length});
    begin(memory);
    const TensorId next = builder_.svdf_state(x, memory, filters);
    keep(memory, next);
    return builder_.svdf(next, length, rank, Activation::relu, random_.chance(50));
  }

  /// h = f(W x + U h).
  TensorId cell(TensorId x) {
    const std::int32_t units = random_.integer(1, 8);
    const TensorId h = builder_.state({1, units});
    begin(h);
    const TensorId from_x = builder_.fully_connected(x, units), from_h = builder_.fully_connected(h, units);
    const TensorId next = builder_.add(from_x, from_h, Activation::relu_n1_to_1);
    keep(h, next);
    return next;
  }

  /// Written in place, over what it is computed from.
  TensorId sum(TensorId x) {
    const TensorId before = builder_.state_like(x, builder_.shape(x));
    begin(before);
    const TensorId after = builder_.add(before, x);
    keep(before, after);
    return after;
  }

  /// What was there one, and two inferences ago; the older copy of the younger one, or of a shape of it.
  TensorId delay(TensorId x) {
    const TensorId one = builder_.state_like(x, builder_.shape(x));
    const TensorId two = builder_.state_like(x, builder_.shape(x));
    begin(one);
    begin(two);
    keep(one, x);
    // Two states that change places have no order in which they could be copied.
    const bool swap = random_.chance(30);
    keep(two, one);
    if (swap) builder_.keep(one, two);
    return builder_.add(builder_.sub(x, two), one);
  }

  GraphBuilder builder_;
  Random random_;
  std::vector<TensorId> written_;
};

}  // namespace detail

inline Graph random_stateful_graph(std::uint64_t seed, ElementType type) {
  return detail::StatefulNetwork(seed, type).make();
}

/// Inputs of many inferences.
inline std::vector<std::vector<Bytes>> random_sequence(const Graph &graph, int length, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<Bytes>> sequence;
  for (int t = 0; t < length; ++t) {
    sequence.emplace_back();
    for (const TensorId input : graph.inputs)
      sequence.back().push_back(
          random_bytes(random, graph.tensor(input).type, graph.tensor(input).elements()));
  }
  return sequence;
}

}  // namespace thimble::test
