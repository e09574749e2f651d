// One random graph of a single operator per kind: the subjects of the property tests.
#pragma once

#include <numeric>

#include "support/graph_builder.h"

namespace thimble::test {

namespace detail {

/// Draws one operator of each kind on the builder; returns its output.
class SingleOp {
 public:
  SingleOp(std::uint64_t seed, ElementType type) : b_(seed, type), r_(seed * 31 + 7) {}

  Graph make(const Conv2D &) {
    const std::int32_t groups = r_.integer(1, 3);
    const Shape x{r_.integer(1, 2), side(), side(), groups * r_.integer(1, 5)};
    const Step2D f = filter(x);
    const Step2D d = dilation(x, f);
    FilterOptions options = filter_options();
    options.groups = r_.chance(70) ? 1 : groups;
    return done(b_.conv_2d(b_.input(x), options.groups * r_.integer(1, 4), f, stride(), d, padding(f, d),
                           act(), options));
  }
  Graph make(const DepthwiseConv2D &) {
    const Shape x{r_.integer(1, 2), side(), side(), r_.integer(1, 6)};
    const Step2D f = filter(x);
    const Step2D d = dilation(x, f);
    return done(b_.depthwise_conv_2d(b_.input(x), r_.chance(60) ? 1 : r_.integer(2, 3), f, stride(), d,
                                     padding(f, d), act(), filter_options()));
  }
  Graph make(const FullyConnected &) {
    if (b_.type() == ElementType::float32 && r_.chance(20)) {
      const std::int32_t features = r_.integer(1, 9);
      const TensorId x = b_.input({r_.integer(1, 3), features}), w = b_.input({r_.integer(1, 9), features});
      return done(b_.fully_connected_by(x, w, act()));
    }
    switch (r_.integer(0, 4)) {
      case 0:
        return done(b_.fully_connected(b_.input({r_.integer(1, 3), r_.integer(1, 20)}), r_.integer(1, 9),
                                       act(), false, 0, filter_options()));
      case 1:
        return done(b_.fully_connected(b_.input({1, side(), side(), r_.integer(1, 4)}), r_.integer(1, 9),
                                       act(), false, 0, filter_options()));
      case 2:
        return done(b_.fully_connected(b_.input({r_.integer(1, 2), side(), r_.integer(2, 9)}),
                                       r_.integer(1, 9), act(), true, 0, filter_options()));
      case 3: {  // rows over two axes
        const std::int32_t features = r_.integer(2, 9);
        return done(b_.fully_connected(b_.input({2, 3, features}), r_.integer(1, 9), act(), false, features,
                                       filter_options()));
      }
      default:  // rows that cross the axes
        return done(
            b_.fully_connected(b_.input({3, 4}), r_.integer(1, 9), act(), false, 6, filter_options()));
    }
  }
  Graph make(const AveragePool2D &) {
    const Shape x = map();
    const Step2D f = filter(x);
    return done(b_.average_pool_2d(b_.input(x), f, stride(), padding(f, {}), act()));
  }
  Graph make(const MaxPool2D &) {
    const Shape x = map();
    const Step2D f = filter(x);
    return done(b_.max_pool_2d(b_.input(x), f, stride(), padding(f, {}), act()));
  }
  Graph make(const Add &) {
    const auto [x, y] = broadcast();
    return done(b_.add(x, y, act()));
  }
  Graph make(const Sub &) {
    const auto [x, y] = broadcast();
    return done(b_.sub(x, y, act()));
  }
  Graph make(const Mul &) {
    const auto [x, y] = broadcast();
    return done(b_.mul(x, y, act()));
  }
  Graph make(const Softmax &) {
    return done(b_.softmax(b_.input(any_shape(1)), 0.5f + static_cast<float>(r_.integer(0, 2))));
  }
  Graph make(const Logistic &) { return done(b_.logistic(b_.input(any_shape(0)))); }
  Graph make(const LeakyRelu &) {
    const TensorId x = b_.input(any_shape(0));
    return done(b_.leaky_relu(x, r_.pick(std::vector<float>{0.1f, 0.3f, 0.0f, 1.5f})));
  }
  Graph make(const Lookup &) {
    const Bytes table = random_bytes(r_, ElementType::int8, 256);
    return done(b_.op(Lookup{table}, {b_.input(any_shape(0), ElementType::int8)}, {{0.02f}, {5}, 0}));
  }
  Graph make(const Reshape &) {
    static const std::vector<std::pair<Shape, Shape>> pairs{
        {{1, 6, 4}, {6, 2, 2}}, {{6, 4}, {8, 3}},           {{2, 3, 4}, {24}},   {{24}, {2, 3, 4}},
        {{4, 6}, {2, 12}},      {{1, 4, 4, 3}, {1, 48}},    {{12, 10}, {8, 15}}, {{2, 2, 9}, {3, 12}},
        {{1, 1, 5}, {5}},       {{5, 1, 2}, {1, 1, 10, 1}}, {{1}, {}},           {{}, {1, 1}},
        {{3, 5, 2}, {3, 10}},   {{1, 8, 6, 2}, {1, 8, 12}}, {{9, 8}, {6, 12}}};
    const auto &[from, to] = r_.pick(pairs);
    return done(b_.reshape(b_.input(from), to));
  }
  Graph make(const Mean &) {
    const Shape x = any_shape(1);
    std::vector<std::int32_t> axes;
    for (std::size_t a = 0; a < x.size(); ++a) {
      if (r_.chance(50)) axes.push_back(static_cast<std::int32_t>(a));
    }
    return done(b_.mean(b_.input(x), axes, r_.chance(50)));
  }
  Graph make(const Pad &) {
    const Shape x = any_shape(1);
    std::vector<std::int32_t> before;
    std::vector<std::int32_t> after;
    for (std::size_t a = 0; a < x.size(); ++a) {
      before.push_back(r_.integer(0, 2));
      after.push_back(r_.integer(0, 2));
    }
    return done(b_.pad(b_.input(x), before, after));
  }
  Graph make(const Quantize &) {
    const ElementType from = b_.type();
    const std::vector<ElementType> to =
        from == ElementType::float32 ? std::vector{ElementType::int8, ElementType::int16}
        : from == ElementType::int16 ? std::vector{ElementType::int8, ElementType::int32}
                                     : std::vector{ElementType::int8, ElementType::uint8, ElementType::int16};
    const ElementType target = r_.pick(to);
    return done(
        b_.quantize(b_.input(any_shape(0)), target, 1.0f / 50.0f, target == ElementType::int8 ? 3 : 0));
  }
  Graph make(const Dequantize &) {
    const ElementType from = b_.type() == ElementType::float32 ? ElementType::uint8 : b_.type();
    return done(b_.dequantize(b_.input(any_shape(0), from)));
  }
  Graph make(const StridedSlice &) {
    const Shape x = any_shape(1);
    StridedSlice slice;
    for (std::int32_t length : x) {
      const bool shrink = r_.chance(25);
      const std::int32_t stride = r_.pick(std::vector<std::int32_t>{1, 1, 2, 3, -1, -2});
      const std::int32_t begin = r_.integer(0, length - 1);
      const std::int32_t room = stride > 0 ? (length - 1 - begin) / stride : begin / -stride;
      slice.begin.push_back(begin);
      slice.stride.push_back(stride);
      slice.extent.push_back(shrink ? 1 : r_.integer(1, room + 1));
      slice.shrink.push_back(shrink);
    }
    return done(b_.strided_slice(b_.input(x), slice));
  }
  Graph make(const Concatenation &) {
    const Shape x = any_shape(1);
    const std::int32_t axis = r_.integer(0, static_cast<std::int32_t>(x.size()) - 1);
    std::vector<TensorId> parts;
    for (int i = r_.integer(1, 3); i >= 0; --i) {
      Shape part = x;
      part[static_cast<std::size_t>(axis)] = r_.integer(1, 4);
      parts.push_back(b_.input(part));
    }
    return done(b_.concatenation(parts, axis));
  }
  Graph make(const Transpose &) {
    const Shape x = any_shape(1);
    std::vector<std::int32_t> permutation(x.size());
    std::iota(permutation.begin(), permutation.end(), 0);
    for (std::size_t i = permutation.size(); i-- > 1;) {
      std::swap(permutation[i],
                permutation[static_cast<std::size_t>(r_.integer(0, static_cast<std::int32_t>(i)))]);
    }
    return done(b_.transpose(b_.input(x), permutation));
  }
  Graph make(const ResizeNearestNeighbor &) {
    return done(b_.resize_nearest_neighbor(b_.input(map()), r_.integer(1, 15), r_.integer(1, 15),
                                           r_.chance(40), r_.chance(40)));
  }
  Graph make(const TransposeConv &) {
    const Shape x = map();
    const Step2D f{r_.integer(1, 4), r_.integer(1, 4)}, s = stride();
    const Padding2D before{r_.integer(0, f.rows - 1), 0, r_.integer(0, f.columns - 1), 0};
    // Less and more than what the inputs reach.
    const Step2D size{std::max(1, x[1] * s.rows + r_.integer(-3, 3)),
                      std::max(1, x[2] * s.columns + r_.integer(-3, 3))};
    return done(b_.transpose_conv(b_.input(x), r_.integer(1, 6), f, s, size, before, act(),
                                  {r_.chance(70), r_.chance(50), 1}));
  }
  Graph make(const ConvPart &) {
    const Shape shape{r_.integer(1, 2), side() + 8, side() + 8, r_.integer(1, 6)};
    const TensorId x = b_.input(shape, ElementType::int8);
    const Step2D f{r_.integer(1, 3), r_.integer(1, 3)};
    ConvPart part{stride(), dilation({1, 4, 4, 1}, f), {}, r_.chance(40) ? r_.integer(1, 2) : 0, {}, act()};
    // Windows may begin behind the first row, and lie beside the map.
    part.padding = {r_.integer(-2, 3), r_.integer(-1, 3), r_.integer(-2, 3), r_.integer(-1, 3)};
    const std::int32_t channels =
        part.depth_multiplier > 0 ? shape[3] * part.depth_multiplier : r_.integer(1, 6);
    std::vector<TensorId> sums;
    for (int i = r_.integer(0, 2); i > 0; --i) {
      sums.push_back(b_.input({shape[0], r_.integer(1, 5), r_.integer(1, 5), channels}, ElementType::int32));
      part.sums.push_back({{r_.integer(1, 2), 1},
                           {r_.integer(1, 3), r_.integer(1, 2)},
                           r_.integer(-2, 2),
                           r_.integer(-1, 1)});
    }
    return done(b_.conv_part(x, channels, f, part, sums, r_.chance(50), filter_options()));
  }
  Graph make(const LstmCells &) {
    const ElementType data = is_integer(b_.type()) ? ElementType::int8 : b_.type();
    const TensorId x = b_.input({r_.integer(1, 3), r_.integer(1, 3), r_.integer(1, 5)}, data);
    return done(b_.lstm_cells(x, r_.integer(1, 4), r_.chance(50), r_.chance(30) ? 0.7f : 0.0f));
  }
  Graph make(const LstmOutput &) {
    const Shape shape{r_.integer(1, 3), r_.integer(1, 3), 2 * r_.integer(1, 5)};
    const bool integer = is_integer(b_.type());
    const ElementType cells = integer ? ElementType::int16 : b_.type();
    return done(b_.lstm_output(b_.input(shape, cells, 1.0f / 4096.0f, 0)));
  }
  Graph make(const SvdfState &) {
    const std::int32_t rows = r_.integer(1, 2), filters = r_.integer(1, 4);
    const ElementType data = is_integer(b_.type()) ? ElementType::int8 : b_.type();
    const TensorId x = b_.input({rows, r_.integer(1, 9)}, data);
    return done(b_.svdf_state(x, b_.input({rows, filters * r_.integer(1, 5)}), filters));
  }
  Graph make(const Svdf &) {
    const std::int32_t rank = r_.integer(1, 3), length = r_.integer(1, 5);
    const TensorId memory = b_.input({r_.integer(1, 2), r_.integer(1, 4) * rank * length});
    return done(b_.svdf(memory, length, rank, act(), r_.chance(80)));
  }

 private:
  Graph done(TensorId output) { return b_.build({output}); }
  std::int32_t side() { return r_.integer(1, 9); }
  Shape map() { return {r_.integer(1, 2), side(), side(), r_.integer(1, 6)}; }
  Shape any_shape(int least_rank) {
    Shape shape(static_cast<std::size_t>(r_.integer(least_rank, 5)));
    for (std::int32_t &length : shape) length = r_.integer(1, 5);
    return shape;
  }
  Step2D filter(const Shape &x) {
    return {r_.integer(1, std::min(4, x[1])), r_.integer(1, std::min(4, x[2]))};
  }
  Step2D stride() { return {r_.integer(1, 3), r_.integer(1, 3)}; }
  Step2D dilation(const Shape &x, Step2D f) {
    return {(f.rows - 1) * 2 + 1 <= x[1] && r_.chance(30) ? 2 : 1,
            (f.columns - 1) * 2 + 1 <= x[2] && r_.chance(30) ? 2 : 1};
  }
  /// SAME, VALID, or anything smaller than the filter.
  PaddingRule padding(Step2D f, Step2D d) {
    if (r_.chance(40)) return PaddingRule::same();
    if (r_.chance(40)) return PaddingRule::valid();
    const std::int32_t rows = (f.rows - 1) * d.rows;
    const std::int32_t columns = (f.columns - 1) * d.columns;
    return Padding2D{r_.integer(0, rows), r_.integer(0, rows), r_.integer(0, columns),
                     r_.integer(0, columns)};
  }
  Activation act() {
    return r_.pick(std::vector<Activation>{Activation::none, Activation::relu, Activation::relu6,
                                           Activation::relu_n1_to_1});
  }
  FilterOptions filter_options() { return {r_.chance(80), r_.chance(60), 1}; }
  /// Two inputs of which either may repeat along some axes or lack the first ones.
  std::pair<TensorId, TensorId> broadcast() {
    const Shape full = any_shape(0);
    Shape a = full;
    Shape b = full;
    for (std::size_t i = 0; i < full.size(); ++i) {
      if (r_.chance(20)) a[i] = 1;
      if (r_.chance(20)) b[i] = 1;
    }
    Shape &shorter = r_.chance(50) ? a : b;
    if (r_.chance(30) && !shorter.empty()) {
      shorter.erase(shorter.begin(),
                    shorter.begin() + r_.integer(1, static_cast<std::int32_t>(shorter.size())));
    }
    const TensorId first = b_.input(a);
    const TensorId second = r_.chance(80) ? b_.input(b) : b_.constant(b, b_.type());
    return {first, second};
  }

  GraphBuilder b_;
  Random r_;
};

}  // namespace detail

namespace detail {

template <class Kind, class Visit>
void visit_single_op(const char *name, std::uint64_t seed, ElementType type, Visit &visit) {
  if constexpr (!std::is_same_v<Kind, Input>) visit(name, SingleOp(seed, type).make(Kind{}));
}

}  // namespace detail

/// Calls `visit(name, graph)` for one random graph of every kind of operator but Input.
template <class Visit>
void for_each_single_op(std::uint64_t seed, ElementType type, Visit &&visit) {
#define THIMBLE_VISIT_SINGLE(Kind, name) detail::visit_single_op<Kind>(name, seed, type, visit);
  THIMBLE_OPS(THIMBLE_VISIT_SINGLE)
#undef THIMBLE_VISIT_SINGLE
}

/// The operator of such a graph: the last one.
inline const Op &single_op(const Graph &graph) {
  return graph.ops.back();
}

}  // namespace thimble::test
