// Filters side by side become one.
#include "thimble/rewrite/merge_filters.h"

#include "rewrite/planting.h"
#include "thimble/graph/parameters.h"
#include "thimble/rewrite/passes.h"
#include "thimble/rewrite/remove_dead.h"

namespace thimble::test {
namespace {

Graph merged(const Graph &built) {
  const Graph before = value_or_die(remove_dead(built));  // what the builder made for other cases
  Graph after = value_or_die(merge_filters(before));
  for (std::uint64_t seed = 1; seed <= 3; ++seed) expect_same_outputs(before, after, seed);
  EXPECT_EQ(macs(after), macs(before));
  return after;
}

/// The quantisation of what filters make, so that they can meet.
void align(Graph &graph, const std::vector<TensorId> &tensors) {
  for (const TensorId id : tensors)
    graph.tensors[static_cast<std::size_t>(id)].quantization = graph.tensor(tensors[0]).quantization;
}

struct Branch {
  std::int32_t channels = 2;
  Step2D filter = {3, 3};
  Activation activation = Activation::none;
  FilterOptions options = {};
};

/// x -> branches -> CONCATENATION.
Graph side_by_side(const std::vector<Branch> &branches, ElementType type = ElementType::int8) {
  GraphBuilder b(7, type);
  const TensorId x = b.input({1, 5, 5, 4});
  std::vector<TensorId> parts;
  for (const Branch &branch : branches) {
    parts.push_back(
        b.conv_2d(x, branch.channels, branch.filter, {}, {}, {}, branch.activation, branch.options));
  }
  Graph graph = b.build({b.concatenation(parts, 3)});
  align(graph, parts);
  return graph;
}

TEST(MergeFilters, OneFilterWithAllChannels) {
  for (const ElementType type : {ElementType::int8, ElementType::int16, ElementType::float32}) {
    const Graph after = merged(side_by_side({{2}, {3}, {1}}, type));
    EXPECT_EQ(count<Conv2D>(after), 1) << name_of(type);
    EXPECT_EQ(count<Concatenation>(after), 0);
    EXPECT_EQ(after.tensor(after.ops.back().inputs[1]).shape, (Shape{6, 3, 3, 4}));
  }
}

TEST(MergeFilters, ScalesPerTensorBecomeScalesPerChannel) {
  FilterOptions one_scale, none;
  one_scale.per_channel = false;
  none.bias = false;
  const Graph after =
      merged(side_by_side({{2, {3, 3}, Activation::relu, one_scale}, {3, {3, 3}, Activation::relu}}));
  ASSERT_EQ(count<Conv2D>(after), 1);
  EXPECT_EQ(after.tensor(after.ops.back().inputs[1]).quantization.scales.size(), 5u);
  EXPECT_EQ(count<Conv2D>(merged(
                side_by_side({{2, {3, 3}, Activation::none, none}, {1, {3, 3}, Activation::none, none}}))),
            1);
  Graph same =
      side_by_side({{2, {3, 3}, Activation::none, one_scale}, {3, {3, 3}, Activation::none, one_scale}});
  align(same, {same.ops[1].inputs[1], same.ops[2].inputs[1]});
  const Graph single = merged(same);
  EXPECT_EQ(single.tensor(single.ops.back().inputs[1]).quantization.scales.size(), 1u);
}

TEST(MergeFilters, NeighboursOnly) {
  const Graph some = merged(side_by_side({{2}, {3}, {1, {1, 1}}, {2}, {2}, {1, {5, 5}}}));
  EXPECT_EQ(count<Conv2D>(some), 4);
  EXPECT_EQ(some.ops.back().inputs.size(), 4u);
  const Graph apart = merged(side_by_side({{2}, {1, {1, 1}}, {3}}));
  EXPECT_EQ(count<Conv2D>(apart), 3);
}

TEST(MergeFilters, WhatDiffersStays) {
  FilterOptions none;
  none.bias = false;
  EXPECT_EQ(count<Conv2D>(merged(side_by_side({{2}, {2, {3, 3}, Activation::relu}}))), 2);
  EXPECT_EQ(count<Conv2D>(merged(side_by_side({{2}, {2, {3, 2}}}))), 2);
  EXPECT_EQ(count<Conv2D>(merged(side_by_side({{2}, {2, {3, 3}, Activation::none, none}}))), 2);
  FilterOptions grouped;
  grouped.groups = 2;
  EXPECT_EQ(count<Conv2D>(merged(side_by_side(
                {{2, {3, 3}, Activation::none, grouped}, {2, {3, 3}, Activation::none, grouped}}))),
            2);
  Graph scales = side_by_side({{2}, {2}});
  scales.tensors[static_cast<std::size_t>(scales.ops[2].output())].quantization.zero_points = {99};
  EXPECT_EQ(count<Conv2D>(merged(scales)), 2);
  Graph joined = side_by_side({{2}, {2}});
  joined.tensors[static_cast<std::size_t>(joined.outputs[0])].quantization.scales = {0.123f};
  EXPECT_EQ(count<Conv2D>(merged(joined)), 2) << "CONCATENATION says another scale";
}

TEST(MergeFilters, OthersThatReadABranchKeepIt) {
  GraphBuilder b(7, ElementType::float32);
  const TensorId x = b.input({1, 5, 5, 4}), z = b.logistic(x);
  const TensorId one = b.conv_2d(x, 2, {3, 3}), two = b.conv_2d(x, 2, {3, 3}),
                 other = b.conv_2d(z, 2, {3, 3});
  EXPECT_EQ(count<Conv2D>(merged(b.build({b.concatenation({one, two}, 3)}))), 1);
  EXPECT_EQ(count<Conv2D>(merged(b.build({b.concatenation({one, two}, 3), one}))), 2) << "an output";
  EXPECT_EQ(count<Conv2D>(merged(b.build({b.concatenation({one, two}, 3), b.logistic(two)}))), 2);
  EXPECT_EQ(count<Conv2D>(merged(b.build({b.concatenation({one, two, one}, 3)}))), 2) << "read twice";
  EXPECT_EQ(count<Conv2D>(merged(b.build({b.concatenation({one, other}, 3)}))), 2) << "of another map";
  EXPECT_EQ(count<Conv2D>(merged(b.build({b.concatenation({one, two}, 1)}))), 2) << "rows, not channels";
}

TEST(MergeFilters, DenseLayers) {
  GraphBuilder b(7);
  const TensorId x = b.input({3, 8});
  const TensorId one = b.fully_connected(x, 4), two = b.fully_connected(x, 1),
                 three = b.fully_connected(x, 2);
  Graph before = b.build({b.concatenation({two, one, three}, 1)});
  align(before, {two, one, three});
  before.tensors[static_cast<std::size_t>(before.op(maker(before, two)).inputs[2])].shape = {1, 1};
  EXPECT_EQ(count<FullyConnected>(merged(before)), 1);
}

TEST(MergeFilters, DepthwiseStays) {
  GraphBuilder b(7, ElementType::float32);
  const TensorId x = b.input({1, 5, 5, 4});
  const TensorId one = b.depthwise_conv_2d(x, 1, {3, 3}), two = b.depthwise_conv_2d(x, 1, {3, 3});
  EXPECT_EQ(count<DepthwiseConv2D>(merged(b.build({b.concatenation({one, two}, 3)}))), 2);
}

TEST(MergeFilters, RandomBranches) {
  int merges = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::vector<Branch> branches(static_cast<std::size_t>(random.integer(2, 6)));
    for (Branch &branch : branches) {
      branch.channels = random.integer(1, 4);
      if (random.chance(20)) branch.filter = {1, 1};
      if (random.chance(20)) branch.activation = Activation::relu6;
      branch.options.bias = !random.chance(20);
      branch.options.per_channel = random.chance(50);
    }
    const ElementType type =
        std::vector{ElementType::int8, ElementType::int16, ElementType::float32}[seed % 3];
    const Graph before = side_by_side(branches, type), after = merged(before);
    merges += count<Conv2D>(before) - count<Conv2D>(after);
    expect_same_outputs(before, value_or_die(rewrite(before, {.most_reads = 1'000'000})), seed);
  }
  EXPECT_GT(merges, 200);
}

}  // namespace
}  // namespace thimble::test
