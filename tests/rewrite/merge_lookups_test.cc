// Functions of one byte that follow each other become one table.
#include "thimble/rewrite/merge_lookups.h"

#include "rewrite/rewriting.h"
#include "support/graph_builder.h"

namespace thimble::test {
namespace {

TensorId number(GraphBuilder &b, std::uint8_t byte) {
  return b.constant({1}, ElementType::int8, {{0.03f}, {-5}, 0}, {byte});
}

/// Merges, with the same outputs for all bytes of the input, which has 256 elements. The operators left,
/// inputs aside.
std::size_t merged(const Graph &before) {
  Graph after = value_or_die(merge_lookups(before));
  std::vector<Bytes> inputs;
  for (const TensorId id : before.inputs) {
    Bytes every(static_cast<std::size_t>(before.tensor(id).elements()));
    for (std::size_t i = 0; i < every.size(); ++i)
      every[i] = static_cast<std::uint8_t>(i + inputs.size() * 41);
    inputs.push_back(every);
  }
  EXPECT_EQ(*interpret_outputs(before, inputs), *interpret_outputs(after, inputs));
  return after.ops.size() - after.inputs.size();
}

TEST(MergeLookups, Chains) {
  GraphBuilder b(1);
  TensorId x = b.input({1, 16, 16, 1});
  x = b.mul(x, number(b, 77));
  x = b.sub(number(b, 3), x);
  x = b.logistic(b.leaky_relu(x, 0.1f));
  x = b.quantize(x, ElementType::uint8, 1.0f / 200.0f, 9);
  EXPECT_EQ(merged(b.build({x})), 1u);
}

TEST(MergeLookups, OneOperatorStaysWhatItIs) {
  GraphBuilder b(1);
  const Graph graph = b.build({b.mul(b.input({16, 16}), number(b, 77))});
  EXPECT_TRUE(value_or_die(merge_lookups(graph)).ops.back().is<Mul>());
}

TEST(MergeLookups, AFunctionTimesWhatItReads) {
  GraphBuilder b(1);
  const TensorId x = b.input({1, 16, 16, 1});
  EXPECT_EQ(merged(b.build({b.mul(x, b.logistic(x))})), 1u);
  EXPECT_EQ(merged(b.build({b.mul(b.logistic(x), x)})), 1u);
  EXPECT_EQ(merged(b.build({b.mul(x, x)})), 1u);
  EXPECT_EQ(merged(b.build({b.add(b.logistic(x), b.mul(x, number(b, 20)))})), 1u);
  const TensorId part = b.add(x, number(b, 90), Activation::relu6);
  EXPECT_EQ(merged(b.build({b.mul(b.mul(x, part), number(b, 60))})), 1u);
  // What is below a merged one merges, too, once it has lost its other reader.
  const TensorId y = b.sub(x, number(b, 9));
  EXPECT_EQ(merged(b.build({b.quantize(b.mul(b.logistic(y), y))})), 1u);
}

TEST(MergeLookups, WhatStays) {
  GraphBuilder b(1);
  const TensorId x = b.input({1, 16, 16, 1}), other = b.input({1, 16, 16, 1});
  const TensorId y = b.logistic(x);
  EXPECT_EQ(merged(b.build({y, b.mul(y, number(b, 5))})), 2u) << "a network output between";
  EXPECT_EQ(merged(b.build({b.mul(y, number(b, 5)), b.max_pool_2d(y, {2, 2}, {2, 2})})), 3u)
      << "another reader";
  EXPECT_EQ(merged(b.build({b.mul(b.logistic(x), b.logistic(other))})), 3u) << "two tensors";
  EXPECT_EQ(merged(b.build({b.mul(b.logistic(x), b.constant({1, 16, 16, 1}, ElementType::int8))})), 2u);
  EXPECT_EQ(merged(b.build({b.quantize(b.logistic(x), ElementType::int16)})), 2u) << "two bytes";
}

}  // namespace
}  // namespace thimble::test
