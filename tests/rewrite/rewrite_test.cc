// Passes change the form of a network, never what it computes.
#include <gtest/gtest.h>

#include "read/reading.h"
#include "read/small_model.h"
#include "rewrite/rewriting.h"
#include "support/graph_builder.h"
#include "thimble/graph/fold.h"
#include "thimble/read/tflite.h"
#include "thimble/rewrite/fold_constants.h"
#include "thimble/rewrite/merge_reshapes.h"
#include "thimble/rewrite/passes.h"
#include "thimble/rewrite/remove_dead.h"

namespace thimble::test {
namespace {

int float_ends_x, float_ends_y;  // tensors of the last float_ends_model()

/// small_model() between QUANTIZE and DEQUANTIZE.
ModelBuilder float_ends_model() {
  ModelBuilder b = small_model();
  float_ends_x = b.float32("float_x", {1, 4, 4, 2});
  float_ends_y = b.float32("float_y", {1, 4});
  b.add_op(kQuantize, {float_ends_x}, {kX});
  b.add_op(kDequantize, {kScores}, {float_ends_y});
  b.ends({float_ends_x}, {float_ends_y});
  return b;
}

Bytes ramp(const Tensor &tensor) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    values.push_back(0.37f * static_cast<float>(i % 17) - 2.9f);
  }
  if (tensor.type == ElementType::float32) return bytes_of(values);
  Bytes bytes;
  for (std::int64_t i = 0; i < tensor.bytes(); ++i) bytes.push_back(static_cast<std::uint8_t>(i * 37));
  return bytes;
}

/// The same for inputs that take floats over both ends of the quantised range.
void expect_same_outputs(const Graph &before, const Graph &after) {
  std::vector<Bytes> inputs;
  for (const TensorId input : before.inputs) inputs.push_back(ramp(before.tensor(input)));
  thimble::test::expect_same_outputs(before, after, inputs);
}

TEST(FoldEnds, TheEndsBecomeIntegers) {
  const Graph before = read_or_die(float_ends_model());
  const Graph after = value_or_die(rewrite(before, {}));
  EXPECT_EQ(count<Quantize>(before) + count<Dequantize>(before), 2);
  EXPECT_EQ(count<Quantize>(after) + count<Dequantize>(after), 0);
  const Tensor &x = after.tensor(after.inputs.at(0)), &y = after.tensor(after.outputs.at(0));
  EXPECT_EQ(x.type, ElementType::int8);
  EXPECT_EQ(x.name, "float_x") << "the caller's name stays";
  EXPECT_EQ(x.quantization.scale(), 0.02f);
  EXPECT_EQ(x.quantization.zero_point(), -3);
  EXPECT_EQ(y.type, ElementType::int8);
  EXPECT_EQ(y.name, "float_y");
  EXPECT_EQ(y.quantization.zero_point(), -128);
  expect_same_outputs(before, after);
}

TEST(FoldEnds, FloatIoKeepsThem) {
  const Graph before = read_or_die(float_ends_model());
  const Graph after = value_or_die(rewrite(before, {.float_io = true}));
  EXPECT_EQ(after.tensor(after.inputs.at(0)).type, ElementType::float32);
  EXPECT_EQ(after.tensor(after.outputs.at(0)).type, ElementType::float32);
  EXPECT_EQ(count<Quantize>(after) + count<Dequantize>(after), 2);
  expect_same_outputs(before, after);
}

TEST(FoldEnds, EqualConversionsOfOneInputAreOne) {
  ModelBuilder b;
  b.float32("x", {1, 4});
  b.int8("a", {1, 4});
  b.int8("b", {1, 4});
  b.int8("sum", {1, 4}, 1.0f);
  b.add_op(kQuantize, {0}, {1});
  b.add_op(kQuantize, {0}, {2});
  b.add_op(kAdd, {1, 2}, {3}, schema::AddOptionsT());
  b.ends({0}, {3});
  const Graph before = read_or_die(b);
  const Graph after = value_or_die(rewrite(before, {}));
  EXPECT_EQ(count<Quantize>(after), 0);
  EXPECT_EQ(after.ops.back().inputs, after.inputs) << "twice one input is a function of it";
  expect_same_outputs(before, after);

  b.quantize(2, {0.25f}, {0});  // now the two differ
  const Graph kept = value_or_die(rewrite(read_or_die(b), {}));
  EXPECT_EQ(count<Quantize>(kept), 2);
  EXPECT_EQ(kept.tensor(kept.inputs[0]).type, ElementType::float32);
}

TEST(FoldEnds, AnInputThatIsAlsoNeededInFloatStays) {
  ModelBuilder b;
  b.float32("x", {1, 4});
  b.int8("q", {1, 4});
  b.int8("flat", {4});
  b.float32("sigmoid", {1, 4});
  b.add_op(kQuantize, {0}, {1});
  b.add_op(kReshape, {1}, {2});
  b.add_op(kLogistic, {0}, {3});
  b.ends({0}, {2, 3});
  const Graph before = read_or_die(b);
  const Graph after = value_or_die(rewrite(before, {}));
  EXPECT_EQ(count<Quantize>(after), 1);
  expect_same_outputs(before, after);
}

TEST(FoldEnds, NoOutputBecomesAnInputOrAnotherOutput) {
  ModelBuilder through;  // x int8 -> DEQUANTIZE -> y
  through.int8("x", {1, 4});
  through.float32("y", {1, 4});
  through.add_op(kDequantize, {0}, {1});
  through.ends({0}, {1});
  EXPECT_EQ(count<Dequantize>(value_or_die(rewrite(read_or_die(through), {}))), 1);

  ModelBuilder conversion;  // x float -> QUANTIZE -> y, an output
  conversion.float32("x", {1, 4});
  conversion.int8("y", {1, 4});
  conversion.add_op(kQuantize, {0}, {1});
  conversion.ends({0}, {1});
  EXPECT_EQ(count<Quantize>(value_or_die(rewrite(read_or_die(conversion), {}))), 1);

  ModelBuilder twice = small_model();  // the scores as int8 and as float
  const int real = twice.float32("real", {1, 4});
  twice.add_op(kDequantize, {kScores}, {real});
  twice.ends({kX}, {kScores, real});
  const Graph before = read_or_die(twice);
  const Graph after = value_or_die(rewrite(before, {}));
  EXPECT_EQ(count<Dequantize>(after), 1);
  EXPECT_NE(after.outputs[0], after.outputs[1]);
  expect_same_outputs(before, after);
}

TEST(FoldEnds, BothEndsOfOneConversionPairStayApart) {
  ModelBuilder b;  // x float -> QUANTIZE -> q -> DEQUANTIZE -> y: folding both would leave nothing
  b.float32("x", {1, 4});
  b.int8("q", {1, 4});
  b.float32("y", {1, 4});
  b.add_op(kQuantize, {0}, {1});
  b.add_op(kDequantize, {1}, {2});
  b.ends({0}, {2});
  const Graph before = read_or_die(b);
  const Graph after = value_or_die(rewrite(before, {}));
  EXPECT_EQ(count<Quantize>(after), 0);
  EXPECT_EQ(count<Dequantize>(after), 1);
  expect_same_outputs(before, after);
}

TEST(FoldEnds, TwoOutputsOfOneTensorStayApart) {
  ModelBuilder b = float_ends_model();
  const int again = b.float32("again", {1, 4});
  b.add_op(kDequantize, {kScores}, {again});
  b.ends({float_ends_x}, {float_ends_y, again});
  const Graph before = read_or_die(b);
  const Graph after = value_or_die(rewrite(before, {}));
  EXPECT_EQ(count<Dequantize>(after), 1);
  EXPECT_NE(after.outputs[0], after.outputs[1]);
  expect_same_outputs(before, after);
}

TEST(Convert, RoundsAndSaturatesAsQuantize) {
  End end;
  end.file.name = "x";
  end.file.shape = {6};
  end.network = end.file;
  end.network.type = ElementType::int8;
  end.network.quantization = {{0.5f}, {3}, 0};
  ASSERT_TRUE(end.folded());
  // x / 0.5 rounded half away from zero, + 3: 0 -> 3, 0.25 -> 0.5 -> 1 -> 4, -0.25 -> -1 -> 2
  const std::vector<float> values{0.0f, 0.25f, -0.25f, 1000.0f, -1000.0f, 0.2f};
  EXPECT_EQ(value_or_die(to_network(end, bytes_of(values))),
            bytes_of(std::vector<std::int8_t>{3, 4, 2, 127, -128, 3}));
  EXPECT_EQ(value_or_die(to_file(end, bytes_of(std::vector<std::int8_t>{3, 4, 2, 127, -128, 5}))),
            bytes_of(std::vector<float>{0.0f, 0.5f, -0.5f, 62.0f, -65.5f, 1.0f}));
}

TEST(Convert, WrongLengthsAreRefused) {
  const Graph before = read_or_die(float_ends_model());
  const Graph after = value_or_die(rewrite(before, {}));
  const Ends ends = value_or_die(match_ends(before, after));
  EXPECT_FALSE(to_network(ends.inputs[0], Bytes(127)).has_value());
  EXPECT_FALSE(to_file(ends.outputs[0], Bytes(16)).has_value());
  EXPECT_TRUE(to_file(ends.outputs[0], Bytes(4)).has_value());
}

TEST(Convert, GraphsOfOtherNetworksDoNotMatch) {
  const Graph one = read_or_die(small_model());
  ModelBuilder b = small_model();
  b.ends({kX}, {kScores, kMap});
  EXPECT_FALSE(match_ends(one, read_or_die(b)).has_value());
}

/// x + LOGISTIC(constant), float.
ModelBuilder constant_branch() {
  ModelBuilder b;
  b.float32("x", {1, 3});
  b.float32("constant", {1, 3});
  b.fill(1, bytes_of(std::vector<float>{-1, 0, 1}));
  b.float32("sigmoid", {1, 3});
  b.float32("y", {1, 3});
  b.add_op(kLogistic, {1}, {2});
  b.add_op(kAdd, {0, 2}, {3}, schema::AddOptionsT());
  b.ends({0}, {3});
  return b;
}

TEST(FoldConstants, WhatDependsOnNoInputIsComputedOnce) {
  const Graph before = read_or_die(constant_branch());
  const Graph after = value_or_die(fold_constants(before));
  EXPECT_TRUE(verify(after).has_value());
  EXPECT_EQ(count<Logistic>(before), 1);
  EXPECT_EQ(count<Logistic>(after), 0);
  EXPECT_EQ(after.tensors.size(), before.tensors.size() - 1) << "the operator's own constant goes";
  expect_same_outputs(before, after);
}

TEST(FoldConstants, AConstantOutputIsStillWritten) {
  ModelBuilder b = constant_branch();
  b.ends({0}, {3, 2});
  const Graph before = read_or_die(b);
  const Graph after = value_or_die(rewrite(before, {}));
  EXPECT_EQ(count<Logistic>(after), 1);
  expect_same_outputs(before, after);
}

TEST(FoldConstants, TheAllowanceIsKept) {
  Graph graph = read_or_die(constant_branch());
  const Op op = graph.ops[1];
  ASSERT_TRUE(op.is<Logistic>());
  FoldAllowance small{.result_bytes = 11, .reads = 100};
  EXPECT_FALSE(value_or_die(fold(graph, op, small)));
  EXPECT_FALSE(graph.tensor(op.output()).constant());
  FoldAllowance lazy{.result_bytes = 100, .reads = 2};
  EXPECT_FALSE(value_or_die(fold(graph, op, lazy)));
  FoldAllowance enough{.result_bytes = 12, .reads = 3};
  EXPECT_TRUE(value_or_die(fold(graph, op, enough)));
  EXPECT_TRUE(graph.tensor(op.output()).constant());
  EXPECT_EQ(enough.result_bytes, 0);
  EXPECT_EQ(enough.reads, 0);
}

TEST(RemoveDead, UnneededBranchesGoAndUnusedInputsStay) {
  ModelBuilder b = small_model();
  const int unused = b.int8("unused", {7});
  const int side = b.int8("side", {48, 1}, 0.05f, -128);
  const int more = b.int8("more", {48, 1}, 1.0f / 256.0f, -128);
  b.add_op(kReshape, {kFlat}, {side});
  b.add_op(kLogistic, {side}, {more});
  b.ends({unused, kX}, {kScores});
  const Graph before = read_or_die(b);
  const Graph after = value_or_die(remove_dead(before));
  EXPECT_TRUE(verify(after).has_value());
  EXPECT_EQ(count<Logistic>(after), 0);
  EXPECT_EQ(count<Reshape>(after), 1);
  ASSERT_EQ(after.inputs.size(), 2u);
  EXPECT_EQ(after.tensor(after.inputs[0]).name, "unused");
  EXPECT_EQ(count<Input>(after), 2);
  expect_same_outputs(before, after);
}

TEST(Passes, AreListedWithNames) {
  ASSERT_FALSE(canonicalise().empty());
  for (const auto &list : {canonicalise(), lower()}) {
    for (const Pass &pass : list) {
      EXPECT_NE(std::string(pass.name), "");
      EXPECT_EQ(std::string(pass.description).find('\n'), std::string::npos);
    }
  }
}

TEST(Passes, ANetworkWithoutOpportunitiesStaysAsItIs) {
  // But for the reshape before its dense layer.
  const Graph before = value_or_die(merge_reshapes(read_or_die(small_model())));
  const Graph after = value_or_die(rewrite(before, {}));
  EXPECT_EQ(after.ops.size(), before.ops.size());
  EXPECT_EQ(after.tensors.size(), before.tensors.size());
  expect_same_outputs(before, after);
}

TEST(Passes, ABrokenGraphIsRefused) {
  Graph broken = read_or_die(small_model());
  broken.tensors[static_cast<std::size_t>(broken.outputs[0])].shape = {1, 5};
  EXPECT_FALSE(rewrite(broken, {}).has_value());
}

/// Runs one pass of a test's own over the small model.
Result<bool> run_alone(Result<Graph> (*pass)(Graph, const RewriteOptions &), Graph &graph) {
  std::vector<PassEffect> effects{{{"mine", "breaks things", pass}}};
  std::optional<Sample> sample = take_sample(graph, 1'000'000);
  return run_once(effects, graph, {}, sample);
}

TEST(Passes, APassThatBreaksTheGraphIsNamed) {
  Graph graph = read_or_die(small_model());
  const auto result = run_alone(
      [](Graph broken, const RewriteOptions &) -> Result<Graph> {
        broken.tensors[static_cast<std::size_t>(broken.outputs[0])].shape = {1, 5};
        return broken;
      },
      graph);
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().text().find("after pass mine: "), std::string::npos) << result.error().text();
}

TEST(Passes, APassThatChangesAnOutputByteIsNamed) {
  GraphBuilder b;
  Graph graph = b.build({b.softmax(b.input({1, 8}))});
  const auto result = run_alone(
      [](Graph wrong, const RewriteOptions &) -> Result<Graph> {
        for (Op &op : wrong.ops) {
          if (op.is<Softmax>()) op.attributes = Softmax{0.001f};
        }
        return wrong;
      },
      graph);
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().text().find("after pass mine: output 0 differs"), std::string::npos)
      << result.error().text();
}

TEST(Passes, LargeNetworksAreNotRun) {
  const Graph graph = read_or_die(small_model());
  EXPECT_TRUE(take_sample(graph, 1'000'000).has_value());
  EXPECT_FALSE(take_sample(graph, 100).has_value());
}

TEST(Passes, CanBeLeftOutByName) {
  const Graph before = read_or_die(float_ends_model());
  RewriteOptions options;
  options.without = {"fold_quantization_at_ends", "remove_dead"};
  const Rewritten after = value_or_die(rewrite_and_tell(before, options));
  EXPECT_EQ(count<Quantize>(after.graph), 1);
  for (const PassEffect &effect : after.effects) {
    const bool left_out = effect.pass.name == options.without[0] || effect.pass.name == options.without[1];
    EXPECT_EQ(effect.enabled, !left_out && effect.pass.exact) << effect.pass.name;
  }
  options.without = {"fold_everything"};
  const auto refused = rewrite_and_tell(before, options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().text(), "there is no pass 'fold_everything'");
}

TEST(Passes, TellWhatTheyDid) {
  const Graph before = read_or_die(constant_branch());
  const Rewritten after = value_or_die(rewrite_and_tell(before, {}));
  ASSERT_EQ(after.effects.size(), all_passes().size());
  const PassEffect &folding = after.effects.front();
  EXPECT_STREQ(folding.pass.name, "fold_constants");
  EXPECT_EQ(folding.changes, 1);
  EXPECT_EQ(folding.operators_less, 1);
  EXPECT_EQ(folding.macs_less, 0);
  std::int64_t operators = 0;
  for (const PassEffect &effect : after.effects) operators += effect.operators_less;
  EXPECT_EQ(operators, static_cast<std::int64_t>(before.ops.size() - after.graph.ops.size()));
}

}  // namespace
}  // namespace thimble::test
