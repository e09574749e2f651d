// MUL, ADD and SUB per channel beside float filters, where results may round differently: only when asked
// for.
#include <limits>

#include "rewrite/channel_steps.h"
#include "rewrite/planting.h"
#include "thimble/rewrite/fold_scales.h"
#include "thimble/rewrite/passes.h"
#include "thimble/rewrite/remove_dead.h"

namespace thimble::test {
namespace {

/// Of the largest magnitude of the tensor: what a few hundred roundings to 24 bits, here at the end of chains
/// of up to some twenty operators, may come to.
constexpr float kTolerance = 2e-5f;

int steps(const Graph &graph) {
  return count<Mul>(graph) + count<Add>(graph) + count<Sub>(graph);
}

void expect_close(const Graph &before, const Graph &after, std::uint64_t seed) {
  ASSERT_TRUE(verify(after).has_value()) << verify(after).error().text();
  const std::vector<Bytes> inputs = random_inputs(before, seed);
  const auto want = value_or_die(interpret_outputs(before, inputs));
  const auto got = value_or_die(interpret_outputs(after, inputs));
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t o = 0; o < want.size(); ++o) {
    const std::vector<float> a = floats_of_bytes(want[o]), b = floats_of_bytes(got[o]);
    ASSERT_EQ(a.size(), b.size());
    float largest = 0.0f, difference = 0.0f;
    for (std::size_t i = 0; i < a.size(); ++i) {
      largest = std::max(largest, std::abs(a[i]));
      difference = std::max(difference, std::abs(a[i] - b[i]));
    }
    EXPECT_LE(difference, kTolerance * std::max(largest, 1.0f)) << "output " << o;
  }
}

int left(const Graph &built) {
  const Graph before = value_or_die(remove_dead(built));  // what the builder made for other cases
  const Graph after = value_or_die(fold_floats(before));
  for (std::uint64_t seed = 1; seed <= 3; ++seed) expect_close(before, after, seed);
  return steps(after);
}

/// Filter -> MUL -> ADD or SUB, batch normalisation behind a filter.
Graph normalised(Activation between, const std::vector<float> &factors, bool padded = true) {
  GraphBuilder b(3, ElementType::float32);
  const PaddingRule padding = padded ? PaddingRule::same() : PaddingRule::valid();
  const TensorId y = b.conv_2d(b.input({1, 5, 5, 3}), 2, {3, 3}, {}, {}, padding, between);
  const TensorId scaled = b.mul(y, b.constant({2}, ElementType::float32, {}, bytes_of_floats(factors)));
  const TensorId offset = b.constant({1, 1, 1, 2}, ElementType::float32);
  return b.build({b.sub(scaled, offset, Activation::relu)});
}

/// MUL -> SUB -> filter, images brought to [-1, 1).
Graph prepared(bool padded) {
  GraphBuilder b(3, ElementType::float32);
  const TensorId half = b.constant({}, ElementType::float32, {}, bytes_of_floats({0.0078f}));
  const TensorId means = b.constant({3}, ElementType::float32);
  const TensorId x = b.sub(b.mul(half, b.input({1, 5, 5, 3})), means);
  const PaddingRule padding = padded ? PaddingRule::same() : PaddingRule::valid();
  return b.build({b.conv_2d(x, 2, {3, 3}, {}, {}, padding, Activation::relu)});
}

TEST(FoldFloats, BatchNormalisationBecomesWeights) {
  const Graph before = normalised(Activation::none, {0.7f, -1.3f});
  EXPECT_EQ(left(before), 0);
  const Op op = value_or_die(fold_floats(before)).ops.back();
  ASSERT_TRUE(op.is<Conv2D>());
  EXPECT_EQ(op.as<Conv2D>().activation, Activation::relu);
}

TEST(FoldFloats, PreparationOfInputsBecomesWeights) {
  EXPECT_EQ(left(prepared(false)), 0);
  EXPECT_EQ(left(prepared(true)), 2) << "the padding is 0, not 0 - mean";
}

TEST(FoldFloats, OffsetsBeforeEveryKindOfFilter) {
  GraphBuilder b(5, ElementType::float32);
  const TensorId x = b.add(b.input({1, 3, 4, 4}), b.constant({4}, ElementType::float32));
  const PaddingRule none = PaddingRule::valid();
  FilterOptions grouped;
  grouped.groups = 2;
  EXPECT_EQ(left(b.build({b.conv_2d(x, 6, {2, 2}, {}, {}, none, Activation::none, grouped)})), 0);
  EXPECT_EQ(left(b.build({b.depthwise_conv_2d(x, 2, {2, 3}, {}, {}, none)})), 0);
  EXPECT_EQ(left(b.build({b.fully_connected(x, 5)})), 0);
  EXPECT_EQ(left(b.build({b.fully_connected(x, 5, Activation::none, false, 6)})), 1);
}

TEST(FoldFloats, WhatDoesNotFitStays) {
  EXPECT_EQ(left(normalised(Activation::relu, {0.7f, 1.3f})), 2) << "RELU between";
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {3e38f, 1e-38f, -2e-42f, infinity, std::nanf("")}) {
    const Graph after = value_or_die(fold_floats(normalised(Activation::none, {bad * 4.0f, 1.0f})));
    EXPECT_EQ(steps(after), 2) << bad;
  }
}

/// Steps as trained networks have them.
float ordinary(Random &random, bool multiplies) {
  const float value = random.real();
  return multiplies ? std::copysign(0.5f + std::abs(value), value) : value;
}

TEST(FoldFloats, RandomNetworksStayClose) {
  int folded = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const Graph before = random_steps(seed, ordinary);
    const Graph after = value_or_die(rewrite(before, {.fold_floats = true, .most_reads = 1'000'000}));
    folded += steps(before) - steps(after);
    expect_close(before, after, seed);
    const Rewritten exact = value_or_die(rewrite_and_tell(before, {.most_reads = 1'000'000}));
    expect_same_outputs(before, exact.graph, seed);
    EXPECT_FALSE(rounds_differently(exact.effects));
    if (HasFailure()) return;
  }
  EXPECT_GT(folded, 300);
}

TEST(FoldFloats, RunsOnlyWhenAskedFor) {
  const Graph before = normalised(Activation::none, {0.7f, -1.3f});
  EXPECT_EQ(steps(value_or_die(rewrite(before, {}))), 2);
  const Rewritten after = value_or_die(rewrite_and_tell(before, {.fold_floats = true}));
  EXPECT_EQ(steps(after.graph), 0);
  EXPECT_TRUE(rounds_differently(after.effects));
  const Rewritten left_out =
      value_or_die(rewrite_and_tell(before, {.fold_floats = true, .without = {"fold_floats"}}));
  EXPECT_FALSE(rounds_differently(left_out.effects));
}

TEST(FoldFloats, LaterPassesAreComparedWithWhatItMade) {
  Graph graph = normalised(Activation::none, {0.7f, -1.3f});
  const auto list = all_passes();
  const auto row = std::find_if(list.begin(), list.end(), [](const Pass &pass) { return !pass.exact; });
  ASSERT_NE(row, list.end());
  const Pass breaking{"mine", "drops the activation",
                      [](Graph wrong, const RewriteOptions &) -> Result<Graph> {
                        set_activation(wrong.ops.back(), Activation::none);
                        return wrong;
                      }};
  std::vector<PassEffect> effects{{*row}, {breaking}};
  std::optional<Sample> sample = take_sample(graph, 1'000'000);
  const auto result = run_once(effects, graph, {.fold_floats = true, .most_reads = 1'000'000}, sample);
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().text().find("after pass mine: output 0 differs"), std::string::npos)
      << result.error().text();
}

}  // namespace
}  // namespace thimble::test
