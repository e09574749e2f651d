// What a graph may not be. Every test damages a good graph in one place.
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "support/graph_builder.h"

namespace thimble::test {
namespace {

/// conv -> pool -> dense -> softmax, the subject of the damage.
Graph good() {
  GraphBuilder b(5);
  const TensorId x = b.input({1, 8, 8, 3});
  const TensorId y = b.max_pool_2d(b.conv_2d(x, 4, {3, 3}), {2, 2}, {2, 2});
  return b.build({b.softmax(b.fully_connected(y, 10))});
}

constexpr std::size_t kConv = 1;
constexpr std::size_t kPool = 2;
constexpr std::size_t kDense = 3;

Tensor &tensor(Graph &graph, TensorId id) {
  return graph.tensors[static_cast<std::size_t>(id)];
}
Tensor &output(Graph &graph, std::size_t op) {
  return tensor(graph, graph.ops[op].outputs[0]);
}
Tensor &weights(Graph &graph, std::size_t op) {
  return tensor(graph, graph.ops[op].inputs[1]);
}

/// Expects that the damaged graph is refused with this text.
void expect_refused(const std::function<void(Graph &)> &damage, const std::string &text) {
  Graph graph = good();
  damage(graph);
  const auto result = verify(graph);
  ASSERT_FALSE(result) << "accepted: " << text;
  EXPECT_EQ(result.error().lines.size(), 1u);
  EXPECT_NE(result.error().text().find(text), std::string::npos) << result.error().text();
  EXPECT_EQ(result.error().lines[0].file, "built");
}

TEST(Verify, AcceptsAGoodGraph) {
  const auto result = verify(good());
  EXPECT_TRUE(result) << result.error().text();
}

TEST(Verify, AcceptsNegativeScalesOfWeightsOnly) {
  Graph graph = good();
  weights(graph, kConv).quantization.scales[1] *= -1.0f;
  const auto result = verify(graph);
  EXPECT_TRUE(result) << result.error().text();
  weights(graph, kConv).quantization.scales[1] = 0.0f;
  EXPECT_FALSE(verify(graph));
}

/// y = x + what x was one inference before.
Graph good_with_state() {
  GraphBuilder b(5);
  const TensorId x = b.input({1, 4}), last = b.state({1, 4});
  b.keep(last, x);
  return b.build({b.add(x, last)});
}

TEST(Verify, RefusesBadStates) {
  EXPECT_TRUE(verify(good_with_state()));
  const auto expect_refused = [](const std::function<void(Graph &)> &damage, const std::string &text) {
    Graph graph = good_with_state();
    damage(graph);
    const auto result = verify(graph);
    ASSERT_FALSE(result) << "accepted: " << text;
    EXPECT_NE(result.error().text().find(text), std::string::npos) << result.error().text();
  };
  expect_refused([](Graph &g) { g.states[0].written = kNone; }, "nothing computes its next value");
  expect_refused([](Graph &g) { g.states[0].written = 99; }, "nothing computes its next value");
  expect_refused([](Graph &g) { g.states[0].read = g.outputs[0]; }, "what states read, in order");
  expect_refused([](Graph &g) { g.states.clear(); }, "what states read, in order");
  expect_refused([](Graph &g) { std::swap(g.ops[0], g.ops[1]); }, "what states read, in order");
  expect_refused(
      [](Graph &g) {
        tensor(g, g.states[0].read).shape = {1, 1};
      },
      "is int8 [1,4], but the next inference reads it as int8 [1,1]");
  expect_refused([](Graph &g) { g.states[0].initial = std::make_shared<std::vector<std::uint8_t>>(3); },
                 "takes 4 bytes, but begins with 3");
}

TEST(Verify, RefusesBadTensors) {
  expect_refused([](Graph &g) { output(g, kConv).shape = {1, 8, 0, 4}; }, "has shape [1,8,0,4]");
  expect_refused([](Graph &g) { output(g, kConv).shape = {1, -1, 8, 4}; }, "has shape [1,-1,8,4]");
  expect_refused([](Graph &g) { output(g, kConv).shape = {1, 1, 1, 1, 1, 1, 1}; }, "has 7 axes");
  expect_refused([](Graph &g) { output(g, kConv).shape = {65536, 65536}; }, "more than 2147483647 elements");
  expect_refused([](Graph &g) { output(g, kConv).shape = Shape(5, 2147483647); },
                 "more than 2147483647 elements");
  expect_refused([](Graph &g) { weights(g, kConv).shape[0] = 5; }, "bytes of data where its shape");
}

TEST(Verify, RefusesBadQuantisation) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (float scale : {0.0f, -1.0f, nan, std::numeric_limits<float>::infinity()}) {
    expect_refused([&](Graph &g) { output(g, kConv).quantization.scales[0] = scale; },
                   "not a positive finite number");
  }
  expect_refused([](Graph &g) { output(g, kConv).quantization.zero_points[0] = 128; },
                 "zero point of 128, outside int8");
  expect_refused([](Graph &g) { output(g, kConv).quantization.zero_points.clear(); },
                 "another number of zero points");
  expect_refused([](Graph &g) { weights(g, kConv).quantization.axis = 7; }, "scales along axis 7");
  expect_refused(
      [](Graph &g) {
        weights(g, kConv).quantization.scales.pop_back();
        weights(g, kConv).quantization.zero_points.pop_back();
      },
      "has 3 scales along axis 0");
  expect_refused([](Graph &g) { output(g, kConv).quantization = {}; }, "the output has no quantisation");
  expect_refused(
      [](Graph &g) {
        weights(g, kConv).quantization.axis = 3;
        weights(g, kConv).shape = {3, 3, 3, 4};
      },
      "");
  expect_refused([](Graph &g) { weights(g, kConv).quantization.zero_points[1] = 1; },
                 "weights with a zero point other than 0");
  expect_refused([](Graph &g) { output(g, kConv).quantization.scales[0] = 1e-30f; }, "scales its sum up");
}

TEST(Verify, RefusesBadConnections) {
  expect_refused([](Graph &g) { g.ops[kConv].inputs[0] = 1000; }, "tensor number 1000, which does not exist");
  expect_refused([](Graph &g) { g.ops[kConv].inputs[0] = -2; }, "tensor number -2, which does not exist");
  expect_refused([](Graph &g) { g.ops[kConv].inputs[0] = kNone; }, "lacks input 0");
  expect_refused([](Graph &g) { g.ops[kConv].outputs = {1000}; }, "exactly one output");
  expect_refused([](Graph &g) { g.ops[kConv].outputs.clear(); }, "exactly one output");
  expect_refused([](Graph &g) { g.ops[kConv].outputs.push_back(0); }, "exactly one output");
  expect_refused([](Graph &g) { std::swap(g.ops[kConv], g.ops[kPool]); }, "which nothing makes before");
  expect_refused([](Graph &g) { g.ops[kConv].inputs[0] = g.ops[kConv].outputs[0]; },
                 "which nothing makes before");
  expect_refused([](Graph &g) { g.ops[kPool].outputs = g.ops[kConv].outputs; }, "already has a producer");
  expect_refused([](Graph &g) { g.ops[kPool].outputs[0] = g.ops[kConv].inputs[1]; }, "writes to a constant");
  expect_refused([](Graph &g) { g.inputs.clear(); }, "the INPUT operators are not the network inputs");
  expect_refused([](Graph &g) { g.inputs.push_back(g.inputs[0]); },
                 "the INPUT operators are not the network inputs");
  expect_refused([](Graph &g) { g.outputs.clear(); }, "has no output");
  expect_refused([](Graph &g) { g.outputs = {1000}; }, "does not exist");
  expect_refused([](Graph &g) { g.outputs = {g.ops[kConv].inputs[1]}; }, "nothing computes it");
  expect_refused(
      [](Graph &g) {
        Op late;
        late.attributes = Input{};
        g.tensors.push_back(g.tensor(g.inputs[0]));
        late.outputs = {static_cast<TensorId>(g.tensors.size() - 1)};
        g.inputs.push_back(late.outputs[0]);
        g.ops.push_back(late);
      },
      "after an operator that computes");
}

TEST(Verify, RefusesBadOperators) {
  expect_refused([](Graph &g) { g.ops[kConv].inputs.resize(1); }, "has 1 inputs instead of 2 to 3");
  expect_refused([](Graph &g) { std::get<Conv2D>(g.ops[kConv].attributes).stride.rows = 0; },
                 "stride or dilation below 1");
  expect_refused([](Graph &g) { std::get<Conv2D>(g.ops[kConv].attributes).dilation.columns = -1; },
                 "below 1 along columns");
  expect_refused([](Graph &g) { std::get<Conv2D>(g.ops[kConv].attributes).dilation.rows = 2147483647; },
                 "spans more than");
  expect_refused([](Graph &g) { std::get<Conv2D>(g.ops[kConv].attributes).dilation.rows = 5; },
                 "larger than its padded input");
  expect_refused([](Graph &g) { std::get<Conv2D>(g.ops[kConv].attributes).padding.left = -1; },
                 "padding that is negative");
  expect_refused([](Graph &g) { std::get<Conv2D>(g.ops[kConv].attributes).padding.bottom = 3; },
                 "not smaller than its filter");
  expect_refused([](Graph &g) { std::get<Conv2D>(g.ops[kConv].attributes).padding.top = 0; },
                 "declares output shape");
  expect_refused([](Graph &g) { std::get<MaxPool2D>(g.ops[kPool].attributes).filter.rows = 0; },
                 "filter size");
  expect_refused([](Graph &g) { output(g, kDense).shape = {1, 11}; }, "declares output shape [1,11]");
  expect_refused([](Graph &g) { weights(g, kDense).data = nullptr; }, "which nothing makes before");
  expect_refused([](Graph &g) { output(g, kPool).type = ElementType::int32; }, "turns int8 into int32");
  expect_refused([](Graph &g) { tensor(g, g.ops[kConv].inputs[2]).type = ElementType::float32; },
                 "bias of type float32");
}

/// One operator with what makes it refusable; expects the text.
template <class Build>
void expect_op_refused(Build &&build, const std::string &text) {
  GraphBuilder b(7);
  try {
    b.build({build(b)});
    ADD_FAILURE() << "accepted: " << text;
  } catch (const std::logic_error &error) {
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
  }
}

TEST(Verify, RefusesWhatOperatorsCannotDo) {
  using enum ElementType;
  expect_op_refused(
      [](auto &b) {
        return b.add(b.input({2, 3}), b.input({2, 4}));
      },
      "cannot broadcast lengths 3 and 4");
  expect_op_refused([](auto &b) { return b.add(b.input({4}, int8), b.input({4}, float32)); },
                    "mixes float32 with int8");
  expect_op_refused([](auto &b) { return b.mul(b.input({4}, int32), b.input({4}, int32)); },
                    "is not supported on int32");
  expect_op_refused([](auto &b) { return b.add(b.input({4}, int16, 0.1f, 3), b.input({4}, int16)); },
                    "int16 with a zero point");
  expect_op_refused([](auto &b) { return b.reshape(b.input({6}), {4}); }, "turns 6 elements into 4");
  expect_op_refused([](auto &b) { return b.mean(b.input({2, 3}), {1, 0}); }, "not ascending");
  expect_op_refused([](auto &b) { return b.mean(b.input({2, 3}), {2}); }, "not within its input");
  expect_op_refused([](auto &b) { return b.pad(b.input({2, 3}), {-1, 0}, {0, 0}); }, "negative");
  expect_op_refused([](auto &b) { return b.pad(b.input({2, 3}), {0}, {0}); }, "another number of axes");
  expect_op_refused(
      [](auto &b) {
        return b.concatenation({b.input({2, 3}), b.input({3, 3})}, 1);
      },
      "differ along other axes");
  expect_op_refused(
      [](auto &b) {
        return b.concatenation({b.input({2, 3})}, 2);
      },
      "axis 2, which does not exist");
  expect_op_refused([](auto &b) { return b.transpose(b.input({2, 3}), {0, 0}); }, "permutation that is none");
  expect_op_refused([](auto &b) { return b.transpose(b.input({2, 3}), {0, 5}); }, "permutation that is none");
  expect_op_refused(
      [](auto &b) {
        return b.strided_slice(b.input({4}), {{1}, {1}, {4}, {}});
      },
      "leaves its input");
  expect_op_refused(
      [](auto &b) {
        return b.strided_slice(b.input({4}), {{1}, {0}, {1}, {}});
      },
      "leaves its input");
  expect_op_refused(
      [](auto &b) {
        return b.strided_slice(b.input({4}), {{1}, {-1}, {3}, {}});
      },
      "leaves its input");
  expect_op_refused(
      [](auto &b) {
        return b.strided_slice(b.input({4}), {{1}, {1}, {2}, {true}});
      },
      "longer than 1");
  expect_op_refused([](auto &b) { return b.dequantize(b.input({4}, int32)); }, "is not supported from int32");
  expect_op_refused([](auto &b) { return b.quantize(b.input({4}, float32), uint8); },
                    "is not supported from float32 to uint8");
  expect_op_refused([](auto &b) { return b.softmax(b.input({1, 5000})); }, "more than 4095 classes");
  expect_op_refused([](auto &b) { return b.softmax(b.input({}, float32)); }, "scalar");
  expect_op_refused([](auto &b) { return b.softmax(b.input({4}), std::numeric_limits<float>::infinity()); },
                    "not finite");
  expect_op_refused([](auto &b) { return b.softmax(b.input({4}), -1.0f); }, "not positive");
  expect_op_refused([](auto &b) { return b.logistic(b.input({4}, int16, 3.0f, 0)); }, "above 2.66");
  expect_op_refused(
      [](auto &b) {
        return b.fully_connected(b.input({1, 10}), 4, Activation::none, false, 4);
      },
      "for an input of 10 elements");
  expect_op_refused(
      [](auto &b) {
        return b.fully_connected(b.input({2, 6}), 4, Activation::none, true, 4);
      },
      "keeps its axes");
  expect_op_refused(
      [](auto &b) {
        return b.conv_2d(b.input({1, 4, 4, 5}), 4, {1, 1}, {}, {}, {}, Activation::none, {true, true, 2});
      },
      "filters of 2 channels for an input of 5");
}

TEST(Graph, ProducersConsumersAndNames) {
  const Graph graph = good();
  const std::vector<OpId> makers = producers(graph);
  const auto readers = consumers(graph);
  EXPECT_EQ(makers[static_cast<std::size_t>(graph.ops[kConv].output())], static_cast<OpId>(kConv));
  EXPECT_EQ(makers[static_cast<std::size_t>(graph.ops[kConv].inputs[1])], kNone);
  EXPECT_EQ(readers[static_cast<std::size_t>(graph.ops[kConv].output())],
            std::vector<OpId>{static_cast<OpId>(kPool)});
  EXPECT_STREQ(name_of(graph.ops[kConv]), "CONV_2D");
  EXPECT_STREQ(name_of(graph.numerics), "tflm");
  GraphBuilder b;
  const TensorId x = b.input({4});
  const Graph twice = b.build({b.add(x, x)});
  EXPECT_EQ(consumers(twice)[static_cast<std::size_t>(x)].size(), 1u);
}

TEST(Graph, DiagnosticsPointAtTheOperator) {
  const Graph graph = good();
  const Diagnostic line = at_op(graph, graph.ops[kConv], "reason", "hint");
  EXPECT_EQ(line.op, 1);
  EXPECT_EQ(line.op_name, "CONV_2D");
  EXPECT_EQ(line.tensor, graph.tensor(graph.ops[kConv].output()).name);
}

TEST(Interpret, RefusesInputsOfAnotherNumberOrLength) {
  const Graph graph = good();
  EXPECT_FALSE(interpret(graph, {}));
  EXPECT_FALSE(interpret(graph, {Bytes(191)}));
  EXPECT_TRUE(interpret(graph, {Bytes(192)}));
}

TEST(Interpret, RefusesMoreMemoryThanAHostHas) {
  GraphBuilder b;
  TensorId x = b.input({1, 1});
  x = b.pad(x, {0, 0}, {2147483, 900});
  x = b.logistic(b.logistic(x));
  const Graph graph = b.build({x});
  const auto result = interpret(graph, {Bytes(1)});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().text().find("too many to interpret"), std::string::npos);
}

}  // namespace
}  // namespace thimble::test
