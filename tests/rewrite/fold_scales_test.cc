// MUL, ADD and SUB per channel beside float filters, where no bit changes.
#include "thimble/rewrite/fold_scales.h"

#include <limits>

#include "rewrite/channel_steps.h"
#include "rewrite/planting.h"
#include "thimble/graph/parameters.h"
#include "thimble/rewrite/passes.h"

namespace thimble::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();

int steps(const Graph &graph) {
  return count<Mul>(graph) + count<Add>(graph) + count<Sub>(graph);
}

/// Bit for bit, but that one not-a-number is as good as another.
void expect_same_floats(const Graph &before, const Graph &after, const std::vector<Bytes> &inputs) {
  ASSERT_TRUE(verify(after).has_value()) << verify(after).error().text();
  const auto want = value_or_die(interpret_outputs(before, inputs));
  const auto got = value_or_die(interpret_outputs(after, inputs));
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t o = 0; o < want.size(); ++o) {
    const std::vector<float> a = floats_of_bytes(want[o]), b = floats_of_bytes(got[o]);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (std::isnan(a[i]) && std::isnan(b[i])) continue;
      ASSERT_EQ(std::bit_cast<std::uint32_t>(a[i]), std::bit_cast<std::uint32_t>(b[i]))
          << "output " << o << " element " << i << ": " << a[i] << " became " << b[i];
    }
  }
}

/// Ordinary numbers, and those that break wrong arguments.
std::vector<Bytes> wild_inputs(const Graph &graph, std::uint64_t seed) {
  Random random(seed);
  std::vector<Bytes> inputs = random_inputs(graph, seed);
  const std::vector<float> wild{0.0f,   -0.0f,      1e-42f,    -3e-45f,      1.1754945e-38f,
                                1e30f,  -kLargest,  kInfinity, kLargest,     -1.1754944e-38f,
                                1e-20f, -kInfinity, -7e-41f,   std::nanf("")};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (graph.tensor(graph.inputs[i]).type != ElementType::float32) continue;
    std::vector<float> values = floats_of_bytes(inputs[i]);
    for (float &value : values) {
      if (random.chance(10)) value = random.pick(wild);
      if (random.chance(30)) value = std::ldexp(value, random.integer(-140, 100));
    }
    inputs[i] = bytes_of_floats(values);
  }
  return inputs;
}

/// Steps that are left after the pass, which must give the same bits.
int left(const Graph &before) {
  const Graph after = value_or_die(fold_scales(before));
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    expect_same_floats(before, after, random_inputs(before, seed));
    expect_same_floats(before, after, wild_inputs(before, seed));
  }
  return steps(after);
}

enum class Source { input, relu6, dequantized };

/// Source -> CONV_2D 3x3 -> step by constants of `shape`.
struct Net {
  Attributes step;
  std::vector<float> values;
  Source source = Source::dequantized;
  bool bias = false;
  Activation between = Activation::none;
  Shape shape = {2};
  float weight_factor = 1.0f;

  Graph build() const {
    GraphBuilder b(7, ElementType::float32);
    TensorId x = source == Source::dequantized
                     ? b.dequantize(b.input({1, 5, 5, 2}, ElementType::int8, 0.02f, 3))
                     : b.input({1, 5, 5, 2});
    if (source == Source::relu6) x = b.conv_2d(x, 2, {1, 1}, {}, {}, {}, Activation::relu6);
    FilterOptions options;
    options.bias = bias;
    const TensorId y = b.conv_2d(x, 2, {3, 3}, {}, {}, {}, between, options);
    const TensorId c = b.constant(shape, ElementType::float32, {}, bytes_of_floats(values));
    const TensorId z = b.op(step, {y, c}, {});
    Graph graph = b.build({z});
    const TensorId weights = graph.op(maker(graph, y)).inputs[1];
    std::vector<float> scaled = floats_of_bytes(*graph.tensor(weights).data);
    for (float &weight : scaled) weight *= weight_factor;
    replace_bytes(graph, weights, bytes_of_floats(scaled));
    return graph;
  }
};

TEST(FoldScales, AnOffsetBecomesTheBiasThatWasNotThere) {
  EXPECT_EQ(left(Net{Add{}, {0.3f, -7.0f}, Source::input}.build()), 0);
  EXPECT_EQ(left(Net{Sub{Activation::relu}, {0.3f, -7.0f}, Source::input}.build()), 0);
  EXPECT_EQ(left(Net{Add{}, {0.3f}, Source::input, false, Activation::none, {}}.build()), 0) << "a scalar";
  EXPECT_EQ(left(Net{Add{}, {0.3f, 0.5f}, Source::input, false, Activation::none, {1, 1, 1, 2}}.build()), 0);
  EXPECT_EQ(left(Net{Add{}, {0.0f, -0.0f}, Source::input, true}.build()), 0) << "0 to any bias";
  const Graph after = value_or_die(fold_scales(Net{Add{Activation::relu6}, {0.3f, -7.0f}}.build()));
  EXPECT_EQ(after.ops.back().as<Conv2D>().activation, Activation::relu6);
  EXPECT_EQ(floats_of_bytes(*after.tensor(after.ops.back().inputs[2]).data),
            (std::vector<float>{0.3f, -7.0f}));
}

TEST(FoldScales, OffsetsThatRoundStay) {
  EXPECT_EQ(left(Net{Add{}, {0.3f, -7.0f}, Source::input, true}.build()), 1) << "two biases";
  EXPECT_EQ(left(Net{Add{}, {0.0f, -7.0f}, Source::input, true}.build()), 1) << "one channel has two";
  EXPECT_EQ(left(Net{Add{}, {0x1p103f, 0.0f}, Source::input}.build()), 1) << "moves the largest number";
  EXPECT_EQ(left(Net{Add{}, {kInfinity, 0.0f}, Source::input}.build()), 1);
  EXPECT_EQ(left(Net{Add{}, {std::nanf(""), 0.0f}, Source::input}.build()), 1);
}

TEST(FoldScales, PowersOfTwoScaleWeightsAndBias) {
  for (const bool bias : {false, true}) {
    EXPECT_EQ(left(Net{Mul{}, {4.0f, 0.125f}, Source::dequantized, bias}.build()), 0);
    EXPECT_EQ(left(Net{Mul{Activation::relu6}, {0x1p20f, 1.0f}, Source::dequantized, bias}.build()), 0);
  }
  EXPECT_EQ(left(Net{Mul{}, {1.0f, 1.0f}, Source::input, true}.build()), 0) << "1 for every input";
}

TEST(FoldScales, FactorsThatChangeBitsStay) {
  EXPECT_EQ(left(Net{Mul{}, {3.0f, 1.0f}}.build()), 1);
  EXPECT_EQ(left(Net{Mul{}, {-2.0f, 1.0f}}.build()), 1) << "a sum of 0 becomes -0";
  EXPECT_EQ(left(Net{Mul{}, {0.0f, 1.0f}}.build()), 1) << "of negative sums -0";
  EXPECT_EQ(left(Net{Mul{}, {kInfinity, 1.0f}}.build()), 1);
  EXPECT_EQ(
      left(Net{Mul{}, {0x1p127f, 1.0f}, Source::dequantized, false, Activation::none, {2}, 16.0f}.build()), 1)
      << "weights overflow";
  EXPECT_EQ(
      left(Net{Mul{}, {0x1p122f, 1.0f}, Source::dequantized, false, Activation::none, {2}, 4.0f}.build()), 1)
      << "sums overflow";
  EXPECT_EQ(left(Net{Mul{}, {0x1p-110f, 1.0f}}.build()), 1) << "products are subnormal";
  EXPECT_EQ(left(Net{Mul{}, {0x1p-140f, 1.0f}}.build()), 1) << "weights are subnormal";
  EXPECT_EQ(
      left(Net{Mul{}, {2.0f, 1.0f}, Source::dequantized, false, Activation::none, {2}, 0x1p-100f}.build()), 1)
      << "products were subnormal";
  EXPECT_EQ(left(Net{Mul{}, {4.0f, 1.0f}, Source::input}.build()), 1) << "inputs may be infinite or tiny";
  EXPECT_EQ(left(Net{Mul{}, {4.0f, 1.0f}, Source::relu6}.build()), 1) << "6 at most, but tiny";
}

TEST(FoldScales, WhatElseKeepsAStep) {
  EXPECT_EQ(left(Net{Add{}, {0.3f, 2.0f}, Source::input, false, Activation::relu}.build()), 1)
      << "RELU between";
  std::vector<float> plane(25, 0.5f), column(5, 0.5f);
  EXPECT_EQ(left(Net{Add{}, plane, Source::input, false, Activation::none, {5, 5, 1}}.build()), 1);
  EXPECT_EQ(left(Net{Add{}, column, Source::input, false, Activation::none, {5, 1}}.build()), 1);
  EXPECT_EQ(
      left(
          Net{Add{}, {1.0f, 2.0f, 3.0f, 4.0f}, Source::input, false, Activation::none, {2, 1, 1, 2}}.build()),
      1)
      << "one image becomes two";
}

TEST(FoldScales, OthersThatReadTheSumKeepIt) {
  GraphBuilder b(3, ElementType::float32);
  FilterOptions no_bias;
  no_bias.bias = false;
  const TensorId y = b.conv_2d(b.input({1, 4, 4, 2}), 2, {1, 1}, {}, {}, {}, Activation::none, no_bias);
  const TensorId z = b.add(y, b.constant({2}, ElementType::float32));
  EXPECT_EQ(left(b.build({z})), 0);
  EXPECT_EQ(left(b.build({z, y})), 1) << "the network's caller";
  EXPECT_EQ(left(b.build({z, b.logistic(y)})), 1);
  const TensorId reversed = b.sub(b.constant({2}, ElementType::float32), y);
  EXPECT_EQ(left(value_or_die(rewrite(b.build({reversed}), {.without = {"fold_scales"}}))), 1) << "c - y";
}

TEST(FoldScales, SharedWeightsStayAsTheyAre) {
  GraphBuilder b(3, ElementType::float32);
  const TensorId x = b.dequantize(b.input({1, 4, 4, 2}, ElementType::int8, 0.5f, 0));
  const TensorId one = b.conv_2d(x, 2, {1, 1}), two = b.conv_2d(x, 2, {1, 1});
  const TensorId c = b.constant({2}, ElementType::float32, {}, bytes_of_floats({2.0f, 0.5f}));
  Graph before = b.build({b.mul(one, c), two});
  before.ops[static_cast<std::size_t>(maker(before, two))].inputs = before.op(maker(before, one)).inputs;
  EXPECT_EQ(left(before), 0);
}

TEST(FoldScales, EveryKindOfFilter) {
  for (const float factor : {2.0f, 0.5f}) {
    GraphBuilder b(5, ElementType::float32);
    const TensorId x = b.dequantize(b.input({1, 4, 4, 4}, ElementType::int8, 0.5f, 0));
    const TensorId c =
        b.constant({8}, ElementType::float32, {}, bytes_of_floats({factor, 1, 2, 4, factor, 0.25f, 1, 8}));
    FilterOptions grouped;
    grouped.groups = 2;
    EXPECT_EQ(left(b.build({b.mul(b.depthwise_conv_2d(x, 2, {3, 3}), c)})), 0);
    EXPECT_EQ(left(b.build({b.mul(b.fully_connected(x, 8), c)})), 0);
    EXPECT_EQ(left(b.build({b.mul(b.fully_connected(x, 8, Activation::none, true), c)})), 0);
    EXPECT_EQ(left(b.build({b.mul(c, b.conv_2d(x, 8, {3, 3}, {}, {}, {}, Activation::none, grouped))})), 0);
  }
}

/// Source -> step -> filter.
Graph step_first(const Attributes &step, const std::vector<float> &values, bool integers, int kind) {
  GraphBuilder b(11, ElementType::float32);
  const TensorId x =
      integers ? b.dequantize(b.input({1, 4, 6, 4}, ElementType::int8, 0.25f, 1)) : b.input({1, 4, 6, 4});
  const TensorId c = b.constant({4}, ElementType::float32, {}, bytes_of_floats(values));
  const TensorId y = b.op(step, {x, c}, {});
  FilterOptions grouped;
  grouped.groups = 2;
  switch (kind) {
    case 0:
      return b.build({b.conv_2d(y, 4, {3, 3}, {}, {}, {}, Activation::relu, grouped)});
    case 1:
      return b.build({b.depthwise_conv_2d(y, 2, {3, 3})});
    case 2:
      return b.build({b.fully_connected(y, 3)});
    default:  // rows of one and a half pixels
      return b.build({b.fully_connected(y, 3, Activation::none, false, 6)});
  }
}

TEST(FoldScales, FactorsBeforeAFilter) {
  for (const int kind : {0, 1, 2}) {
    EXPECT_EQ(left(step_first(Mul{}, {2.0f, -0.5f, 1.0f, 8.0f}, true, kind)), 0) << kind;
    EXPECT_EQ(left(step_first(Mul{}, {2.0f, -0.5f, 3.0f, 8.0f}, true, kind)), 1) << kind;
    EXPECT_EQ(left(step_first(Mul{}, {2.0f, 0.5f, 1.0f, 8.0f}, false, kind)), 1) << "rounds tiny inputs";
    EXPECT_EQ(left(step_first(Mul{Activation::relu}, {2, 2, 2, 2}, true, kind)), 1) << kind;
    EXPECT_EQ(left(step_first(Add{}, {0.0f, -0.0f, 0.0f, 0.0f}, true, kind)), 0) << kind;
    EXPECT_EQ(left(step_first(Add{}, {0.0f, -0.0f, 0.0f, 0.0f}, false, kind)), 1) << "clamps infinity";
    EXPECT_EQ(left(step_first(Sub{}, {0.0f, 1.0f, 0.0f, 0.0f}, true, kind)), 1) << kind;
  }
  EXPECT_EQ(left(step_first(Mul{}, {2.0f, 2.0f, 1.0f, 8.0f}, true, 3)), 1) << "channels of a feature differ";
}

/// Everything that the proofs speak about.
float wild_constant(Random &random, bool multiplies) {
  const std::vector<float> special{1.0f,   0.0f,      -0.0f,    2.0f,     0.5f,     -1.0f, 0x1p60f,  0x1p-60f,
                                   1e-40f, 0x1p-126f, 0x1p126f, 0x1p103f, kLargest, 3e38f, 0x1p-149f};
  if (random.chance(multiplies ? 15 : 25)) return random.pick(special);
  if (multiplies && random.chance(80)) return std::ldexp(1.0f, random.integer(-3, 3));
  return random.real();
}

TEST(FoldScales, RandomNetworksKeepEveryBit) {
  int folded = 0, kept = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    const Graph before = random_steps(seed, wild_constant);
    ASSERT_TRUE(verify(before).has_value()) << verify(before).error().text();
    const Graph after = value_or_die(fold_scales(before));
    folded += steps(before) - steps(after);
    kept += steps(after);
    expect_same_floats(before, after, random_inputs(before, seed));
    expect_same_floats(before, after, wild_inputs(before, seed));
  }
  EXPECT_GT(folded, 100);
  EXPECT_GT(kept, 100);
}

/// Behind DEQUANTIZE powers of two fold. Products come near both ends of the range of floats, so that
/// networks on either side of the conditions are met.
TEST(FoldScales, RandomNetworksOfQuantizedInputs) {
  int folded = 0, kept = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    GraphBuilder b(seed, ElementType::float32);
    const float scale = std::ldexp(1.0f + 0.5f * random.real(), random.integer(-130, 110));
    TensorId x = b.dequantize(b.input({1, 4, 4, 3}, ElementType::int8, scale, random.integer(-128, 127)));
    const int layers = random.integer(1, 3);
    for (int i = 0; i < layers; ++i) {
      FilterOptions options;
      options.bias = random.chance(50);
      x = b.conv_2d(x, 3, {2, 2}, {}, {}, {}, Activation::none, options);
      std::vector<float> factors;
      const int most = random.chance(50) ? 4 : 40;
      for (int c = 0; c < 3; ++c) factors.push_back(std::ldexp(1.0f, random.integer(-most, most)));
      x = b.mul(x, b.constant({3}, ElementType::float32, {}, bytes_of_floats(factors)),
                random.pick(std::vector<Activation>{Activation::none, Activation::relu6}));
    }
    const Graph before = b.build({x}), after = value_or_die(fold_scales(before));
    folded += steps(before) - steps(after);
    kept += steps(after);
    expect_same_floats(before, after, random_inputs(before, seed));
    if (HasFailure()) return;
  }
  EXPECT_GT(folded, 200);
  EXPECT_GT(kept, 200);
}

}  // namespace
}  // namespace thimble::test
