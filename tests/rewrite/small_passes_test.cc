// Clamps that never bind, operators that change nothing, conversions in a row, what is computed twice.
#include "rewrite/planting.h"
#include "thimble/graph/parameters.h"
#include "thimble/rewrite/drop_identities.h"
#include "thimble/rewrite/merge_common.h"
#include "thimble/rewrite/merge_conversions.h"
#include "thimble/rewrite/merge_reshapes.h"
#include "thimble/rewrite/relax_activations.h"

namespace thimble::test {
namespace {

using PassFunction = Result<Graph>(Graph);

/// The graph after `pass`, which must give the same bytes.
Graph checked(PassFunction *pass, const Graph &before) {
  Graph after = value_or_die(pass(before));
  for (std::uint64_t seed = 1; seed <= 3; ++seed) expect_same_outputs(before, after, seed);
  return after;
}

/// A pointwise convolution with an activation into the given quantisation.
Graph clamped(Activation activation, float scale, std::int32_t zero_point, std::int64_t bias = 0) {
  GraphBuilder b(3);
  const TensorId x = b.input({1, 4, 4, 3});
  const TensorId y = b.conv_2d(x, 2, {1, 1}, {}, {}, {}, activation);
  Graph graph = b.build({y});
  graph.tensors[static_cast<std::size_t>(y)].quantization = {{scale}, {zero_point}, 0};
  if (bias != 0) {
    for (std::int32_t c = 0; c < 2; ++c) set_bias(graph, maker(graph, y), c, bias);
  }
  return graph;
}

Activation relaxed(const Graph &before) {
  return activation_of(checked(relax_activations, before).ops.back());
}

TEST(RelaxActivations, ClampsBeyondTheTypeGo) {
  EXPECT_EQ(relaxed(clamped(Activation::relu, 0.02f, -128)), Activation::none);
  EXPECT_EQ(relaxed(clamped(Activation::relu6, 0.02f, -128)), Activation::none) << "6 is 172";
  EXPECT_EQ(relaxed(clamped(Activation::relu6, 0.02f, -100)), Activation::relu);
  EXPECT_EQ(relaxed(clamped(Activation::relu_n1_to_1, 0.002f, 0)), Activation::none);
}

TEST(RelaxActivations, ClampsThatBindStay) {
  EXPECT_EQ(relaxed(clamped(Activation::relu, 0.02f, -127)), Activation::relu);
  EXPECT_EQ(relaxed(clamped(Activation::relu6, 0.03f, -128, 30000)), Activation::relu6) << "6 is 72";
  EXPECT_EQ(relaxed(clamped(Activation::relu_n1_to_1, 0.02f, 0)), Activation::relu_n1_to_1);
}

TEST(RelaxActivations, ClampsThatNoSumReachesGo) {
  EXPECT_EQ(relaxed(clamped(Activation::relu, 0.2f, 0)), Activation::relu);
  EXPECT_EQ(relaxed(clamped(Activation::relu, 0.2f, 0, 1 << 20)), Activation::none) << "always positive";
  EXPECT_EQ(relaxed(clamped(Activation::relu6, 2.0f, 0, 60000)), Activation::relu6);
}

TEST(RelaxActivations, FloatsStay) {
  GraphBuilder b(3, ElementType::float32);
  const TensorId x = b.input({1, 4});
  EXPECT_EQ(relaxed(b.build({b.fully_connected(x, 2, Activation::relu)})), Activation::relu);
}

template <class Kind>
int left_after_identities(const Graph &before) {
  return count<Kind>(checked(merge_reshapes, checked(drop_identities, before)));
}

TEST(DropIdentities, WhatChangesNothingGoes) {
  GraphBuilder b(5);
  const TensorId x = b.logistic(b.input({1, 4, 4, 3}));
  const float scale = b.tensor(x).quantization.scale();
  const std::int32_t zero = b.tensor(x).quantization.zero_point();
  StridedSlice all;
  all.begin = {0, 0, 0, 0};
  all.extent = {1, 4, 4, 3};
  EXPECT_EQ(left_after_identities<Quantize>(b.build({b.quantize(x, ElementType::int8, scale, zero)})), 0);
  EXPECT_EQ(left_after_identities<Quantize>(b.build({b.quantize(x, ElementType::int8, scale * 1.5f, zero)})),
            1);
  EXPECT_EQ(left_after_identities<Quantize>(b.build({b.quantize(x, ElementType::int8, scale, zero + 1)})), 1);
  EXPECT_EQ(left_after_identities<AveragePool2D>(b.build({b.average_pool_2d(x, {1, 1}, {1, 1})})), 0);
  EXPECT_EQ(left_after_identities<AveragePool2D>(b.build({b.average_pool_2d(x, {1, 1}, {2, 2})})), 1);
  EXPECT_EQ(left_after_identities<MaxPool2D>(b.build({b.max_pool_2d(x, {1, 1}, {1, 1})})), 0);
  EXPECT_EQ(left_after_identities<MaxPool2D>(
                b.build({b.max_pool_2d(x, {1, 1}, {1, 1}, PaddingRule::valid(), Activation::relu_n1_to_1)})),
            0)
      << "all values are in [0, 1)";
  EXPECT_EQ(left_after_identities<StridedSlice>(b.build({b.strided_slice(x, all)})), 0);
  EXPECT_EQ(left_after_identities<Concatenation>(b.build({b.concatenation({x}, 3)})), 0);
  EXPECT_EQ(left_after_identities<ResizeNearestNeighbor>(b.build({b.resize_nearest_neighbor(x, 4, 4)})), 0);
  EXPECT_EQ(left_after_identities<ResizeNearestNeighbor>(b.build({b.resize_nearest_neighbor(x, 4, 8)})), 1);
}

TEST(DropIdentities, ASliceBackwardsStays) {
  GraphBuilder b(5);
  const TensorId x = b.logistic(b.input({1, 4, 4, 3}));
  StridedSlice back;
  back.begin = {0, 3, 0, 0};
  back.stride = {1, -1, 1, 1};
  back.extent = {1, 4, 4, 3};
  EXPECT_EQ(left_after_identities<StridedSlice>(b.build({b.strided_slice(x, back)})), 1);
}

TEST(DropIdentities, AMeanOfOneElement) {
  GraphBuilder b(5);
  const TensorId x = b.logistic(b.input({1, 1, 4, 3}));
  const Quantization same = b.tensor(x).quantization;
  EXPECT_EQ(left_after_identities<Mean>(b.build({b.op(Mean{{1}, false}, {x}, same)})), 0);
  EXPECT_EQ(left_after_identities<Mean>(b.build({b.op(Mean{{2}, false}, {x}, same)})), 1);
  EXPECT_EQ(left_after_identities<Mean>(b.build({b.mean(x, {1})})), 1) << "another scale";
}

TEST(DropIdentities, MeansOfMeansStayTwo) {
  GraphBuilder b(5);
  const TensorId x = b.input({1, 4, 5, 3});
  const TensorId rows = b.mean(x, {1});
  EXPECT_EQ(left_after_identities<Mean>(b.build({b.mean(rows, {1})})), 2) << "each rounds";
}

Graph converted(float scale, std::int32_t zero_point, bool kept = false) {
  GraphBuilder b(9);
  const TensorId x = b.input({1, 4, 4, 3}, ElementType::int8, 0.05f, 3);
  const TensorId real = b.dequantize(x);
  const TensorId q = b.quantize(real, ElementType::int8, scale, zero_point);
  const TensorId y = b.conv_2d(q, 2, {3, 3});
  return kept ? b.build({y, real}) : b.build({y});
}

TEST(MergeConversions, ThereAndBackIsNothing) {
  const Graph after = checked(merge_conversions, converted(0.05f, 3));
  EXPECT_EQ(count<Dequantize>(after) + count<Quantize>(after), 0);
  const Graph kept = checked(merge_conversions, converted(0.05f, 3, true));
  EXPECT_EQ(count<Dequantize>(kept), 1);
  EXPECT_EQ(count<Quantize>(kept), 0);
}

TEST(MergeConversions, ToAnotherScaleIsOneQuantize) {
  const Graph after = checked(merge_conversions, converted(0.025f, -5));
  EXPECT_EQ(count<Dequantize>(after), 0);
  EXPECT_EQ(count<Quantize>(after), 1);
  EXPECT_EQ(count<Dequantize>(checked(merge_conversions, converted(0.025f, -5, true))), 1)
      << "read elsewhere";
}

TEST(MergeConversions, PairsThatRoundTwiceStay) {
  GraphBuilder b(9);
  const TensorId x = b.input({1, 64}, ElementType::int8, 0.05f, 3);
  const TensorId coarse = b.quantize(x, ElementType::int8, 0.17f, 0);
  const Graph before = b.build({b.quantize(coarse, ElementType::int8, 0.05f, 3)});
  EXPECT_EQ(count<Quantize>(checked(merge_conversions, before)), 2);
}

TEST(MergeConversions, FromFloatRoundsAndStays) {
  GraphBuilder b(9, ElementType::float32);
  const TensorId x = b.input({1, 64});
  const Graph before = b.build({b.dequantize(b.quantize(x, ElementType::int8, 0.01f, 0))});
  EXPECT_EQ(checked(merge_conversions, before).ops.size(), before.ops.size());
}

TEST(MergeCommon, EqualOperatorsBecomeOne) {
  GraphBuilder b(4);
  const TensorId x = b.input({1, 4, 4, 3});
  const Graph before = b.build({b.add(b.max_pool_2d(x, {2, 2}, {2, 2}), b.max_pool_2d(x, {2, 2}, {2, 2}))});
  const Graph after = checked(merge_common, before);
  EXPECT_EQ(count<MaxPool2D>(after), 1);
  EXPECT_EQ(after.ops.back().inputs[0], after.ops.back().inputs[1]);
}

TEST(MergeCommon, EqualWeightsAreOneConstant) {
  GraphBuilder b(4);
  const TensorId x = b.input({1, 4, 4, 3});
  const TensorId one = b.conv_2d(x, 4, {3, 3}), two = b.conv_2d(x, 4, {3, 3});
  Graph before = b.build({b.add(one, two)});
  before.tensors[static_cast<std::size_t>(one)].quantization.zero_points = {1};
  before.tensors[static_cast<std::size_t>(two)].quantization.zero_points = {2};
  EXPECT_EQ(count<Conv2D>(checked(merge_common, before)), 2);
  for (const std::size_t input : {1, 2}) {
    Tensor &from = before.tensors[static_cast<std::size_t>(before.op(maker(before, one)).inputs[input])];
    Tensor &to = before.tensors[static_cast<std::size_t>(before.op(maker(before, two)).inputs[input])];
    to.data = std::make_shared<const Bytes>(*from.data);
    to.quantization = from.quantization;
  }
  const Graph shared = checked(merge_common, before);
  EXPECT_EQ(count<Conv2D>(shared), 2) << "their outputs have other zero points";
  EXPECT_LT(constant_bytes(shared), constant_bytes(before));
  before.tensors[static_cast<std::size_t>(two)].quantization = before.tensor(one).quantization;
  EXPECT_EQ(count<Conv2D>(checked(merge_common, before)), 1);
}

TEST(MergeCommon, OtherAttributesAreOtherOperators) {
  GraphBuilder b(4);
  const TensorId x = b.input({1, 4, 4, 3});
  const TensorId same = b.max_pool_2d(x, {2, 2}, {2, 2});
  const TensorId relu = b.max_pool_2d(x, {2, 2}, {2, 2}, PaddingRule::valid(), Activation::relu);
  EXPECT_EQ(count<MaxPool2D>(checked(merge_common, b.build({b.add(same, relu)}))), 2);
}

TEST(MergeCommon, NetworkOutputsStayApart) {
  GraphBuilder b(4);
  const TensorId x = b.input({1, 4, 4, 3});
  const TensorId one = b.max_pool_2d(x, {2, 2}, {2, 2}), two = b.max_pool_2d(x, {2, 2}, {2, 2});
  const Graph both = checked(merge_common, b.build({one, two}));
  EXPECT_EQ(count<MaxPool2D>(both), 2);
  const TensorId y = b.conv_2d(one, 2, {1, 1});
  for (const TensorId output : {one, two}) {
    const Graph after = checked(merge_common, b.build({output, y}));
    EXPECT_EQ(count<MaxPool2D>(after), 1);
    EXPECT_EQ(after.op(maker(after, after.outputs[1])).inputs[0], after.outputs[0]);
  }
}

}  // namespace
}  // namespace thimble::test
