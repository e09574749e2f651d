// SVDF and LSTMs keep their memory in variable tensors; in the graph they are several operators and states.
#include <gtest/gtest.h>

#include <cmath>

#include "read/reading.h"
#include "read/stateful_model.h"
#include "thimble/graph/interpret.h"
#include "thimble/read/outline.h"
#include "thimble/read/tflite.h"

namespace thimble::test {
namespace {

TEST(Svdf, BecomesTwoOperatorsAndAState) {
  const auto graph = read_tflite(svdf_model().bytes(), "m.tflite");
  ASSERT_TRUE(graph.has_value()) << graph.error().text();
  ASSERT_EQ(graph->ops.size(), 4u) << "two arrivals, two halves";
  EXPECT_STREQ(name_of(graph->ops[2]), "SVDF_STATE");
  EXPECT_STREQ(name_of(graph->ops[3]), "SVDF");
  ASSERT_EQ(graph->states.size(), 1u);
  EXPECT_EQ(graph->states[0].name, "memory");
  EXPECT_EQ(graph->tensor(graph->states[0].written).shape, (Shape{1, 12}));

  // Filters see x0, x1, x0 + x1 and 2 x0; their weights take the first now, the second one inference and the
  // third two inferences ago, the fourth now: y0 = 5 + x0 + x1 of before, y1 = 7 + (x0 + x1) of two before -
  // 2 x0.
  StateBytes states;
  const std::vector<Bytes> inputs{{1, 2}, {10, 20}, {0, 0}};
  const std::vector<Bytes> expected{{6, 5}, {17, 243}, {25, 10}};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto outputs = interpret_outputs(*graph, {inputs[i]}, states);
    ASSERT_TRUE(outputs.has_value());
    EXPECT_EQ(outputs->front(), expected[i]) << i << " (RELU does not count on integers)";
  }
}

TEST(Svdf, AnOutlineHasNoPlaceForItsState) {
  const auto outline = outline_tflite(svdf_model().bytes(), "m.tflite");
  ASSERT_FALSE(outline.has_value());
  EXPECT_NE(outline.error().text().find("it keeps variables"), std::string::npos);
}

class WrongSvdf : public testing::TestWithParam<Damage> {};

TEST_P(WrongSvdf, OneLine) {
  const std::string text = one_line_for(svdf_model(), GetParam());
  EXPECT_NE(text.find(GetParam().text), std::string::npos) << text;
}

const Damage kDamages[] = {
    {"missing_input", [](ModelBuilder &b) { b.op(0).inputs.pop_back(); }, "it has 4 inputs instead of 5"},
    {"absent_state", [](ModelBuilder &b) { b.op(0).inputs[4] = -1; }, "its state is absent"},
    {"no_variable", [](ModelBuilder &b) { b.tensor(kMemory).is_variable = false; },
     "its state is no variable tensor"},
    {"constant_state", [](ModelBuilder &b) { b.fill(kMemory, std::vector<std::uint8_t>(24)); },
     "its state has constant data"},
    {"state_as_output",
     [](ModelBuilder &b) {
       b.ends({kSvdfX}, {kY, kMemory});
     },
     "its state is used elsewhere as well"},
    {"state_read_elsewhere",
     [](ModelBuilder &b) {
       const int z = b.int8("z", {1, 12}, 1.0f);
       b.add_op(kQuantize, {kMemory}, {z});
       b.ends({kSvdfX}, {kY, z});
     },
     "its state is used elsewhere as well"},
    {"other_variable", [](ModelBuilder &b) { b.tensor(kSvdfX).is_variable = true; },
     "it is a variable that keeps its value"},
    {"rank", [](ModelBuilder &b) { b.options<schema::SVDFOptionsT>(0).rank = 3; },
     "sums 3 of its 4 filters into one output"},
    {"no_rank", [](ModelBuilder &b) { b.options<schema::SVDFOptionsT>(0).rank = 0; },
     "sums 0 of its 4 filters into one output"},
    {"features",
     [](ModelBuilder &b) {
       b.tensor(kSvdfX).shape = {1, 3};
     },
     "has weights of 2 features for an input of 3"},
    {"length",
     [](ModelBuilder &b) {
       b.tensor(kMemory).shape = {1, 8};
     },
     "has 12 weights over time for a state of 8 elements"},
    {"memory",
     [](ModelBuilder &b) {
       b.tensor(kMemory).shape = {1, 11};
     },
     "has a state of 1 times 11 elements for 1 times 4 filters"},
    {"type", [](ModelBuilder &b) { b.tensor(kMemory).type = schema::TensorType::INT32; },
     "is not supported for int8 with a state of int32"},
    {"zero_point", [](ModelBuilder &b) { b.quantize(kFeatures, {1.0f}, {3}); },
     "has weights with a zero point other than 0"},
};

INSTANTIATE_TEST_SUITE_P(Svdf, WrongSvdf, testing::ValuesIn(kDamages),
                         [](const auto &damage) { return damage.param.name; });

/// The outputs of each unit, which are all alike, in inferences on inputs of ones.
std::vector<float> lstm_outputs(const ModelBuilder &model, int steps, int inferences) {
  const Graph graph = read_or_die(model);
  if (graph.inputs.empty()) return {};
  StateBytes states;
  std::vector<float> all;
  for (int i = 0; i < inferences; ++i) {
    const Bytes ones = bytes_of(std::vector<float>(static_cast<std::size_t>(2 * steps), 1.0f));
    const auto outputs = interpret_outputs(graph, {ones}, states);
    EXPECT_TRUE(outputs.has_value());
    if (!outputs) return {};
    std::vector<float> y(static_cast<std::size_t>(3 * steps));
    std::memcpy(y.data(), outputs->front().data(), outputs->front().size());
    for (std::size_t t = 0; t < y.size(); t += 3) {
      EXPECT_EQ(y[t], y[t + 1]);
      all.push_back(y[t]);
    }
  }
  return all;
}

TEST(Lstm, BecomesCellsOutputsAndTwoStates) {
  const Graph graph = read_or_die(lstm_model());
  ASSERT_EQ(graph.ops.size(), 7u) << "three arrivals, cells, outputs, two next states";
  EXPECT_TRUE(graph.ops[3].is<LstmCells>());
  EXPECT_EQ(graph.ops[3].inputs.size(), 15u);
  EXPECT_TRUE(graph.ops[4].is<LstmOutput>());
  ASSERT_EQ(graph.states.size(), 2u);
  EXPECT_EQ(graph.states[0].name, "h");
  EXPECT_EQ(graph.states[1].name, "c");
  for (const State &state : graph.states) EXPECT_EQ(graph.tensor(state.written).shape, (Shape{1, 3}));
}

TEST(Lstm, StatesGoFromStepToStepAndFromInferenceToInference) {
  const auto sigmoid = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  std::vector<double> expected;
  double h = 0, c = 0;
  for (int t = 0; t < 6; ++t) {
    const double sum = 1.0 + 0.75 * h;  // 2 * 0.25 + 0.5, and three units
    c = sigmoid(sum) * c + sigmoid(sum) * std::tanh(sum);
    h = sigmoid(sum) * std::tanh(c);
    expected.push_back(h);
  }
  for (const int steps : {1, 2, 3, 6}) {
    const std::vector<float> got = lstm_outputs(lstm_model(steps), steps, 6 / steps);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t t = 0; t < got.size(); ++t) EXPECT_NEAR(got[t], expected[t], 1e-6) << steps << " " << t;
  }
}

TEST(Lstm, OldFilesHaveFewerInputs) {
  EXPECT_EQ(lstm_outputs(lstm_model(2, 20), 2, 1), lstm_outputs(lstm_model(2, 24), 2, 1));
}

TEST(Lstm, TimeMayComeFirst) {
  ModelBuilder b = lstm_model(3);
  b.options<schema::UnidirectionalSequenceLSTMOptionsT>(0).time_major = true;
  b.tensor(kLstmX).shape = {3, 1, 2};
  b.tensor(kLstmY).shape = {3, 1, 3};
  EXPECT_EQ(lstm_outputs(b, 3, 2), lstm_outputs(lstm_model(3), 3, 2));
}

class WrongLstm : public testing::TestWithParam<Damage> {};

TEST_P(WrongLstm, OneLine) {
  const std::string text = one_line_for(lstm_model(), GetParam());
  EXPECT_NE(text.find(GetParam().text), std::string::npos) << text;
}

/// Gives the operator an input that plain LSTMs have not.
std::function<void(ModelBuilder &)> with_input(std::size_t position) {
  return [position](ModelBuilder &b) { b.op(0).inputs[position] = kLstmFirstConstant + 8; };
}

using LstmOptions = schema::UnidirectionalSequenceLSTMOptionsT;

const Damage kLstmDamages[] = {
    {"missing_input", [](ModelBuilder &b) { b.op(0).inputs.pop_back(); },
     "it has 23 inputs instead of 20 or 24"},
    {"absent_state", [](ModelBuilder &b) { b.op(0).inputs[19] = -1; }, "its state is absent"},
    {"one_state_for_both", [](ModelBuilder &b) { b.op(0).inputs[19] = kLstmH; },
     "its state is used elsewhere as well"},
    {"no_variable", [](ModelBuilder &b) { b.tensor(kLstmH).is_variable = false; },
     "its state is no variable tensor"},
    {"peepholes", with_input(10), "(peepholes), which is not supported; build the layer without"},
    {"projection", with_input(16), "it projects its outputs, which is not supported"},
    {"normalised", with_input(23), "it normalises its gates, which is not supported"},
    {"coupled", [](ModelBuilder &b) { b.op(0).inputs[1] = -1; }, "is what the forget gate leaves"},
    {"no_bias", [](ModelBuilder &b) { b.op(0).inputs[12] = -1; }, "its input 12 is absent"},
    {"relu",
     [](ModelBuilder &b) {
       b.options<LstmOptions>(0).fused_activation_function = schema::ActivationFunctionType::RELU;
     },
     "its activation RELU is not supported; use tanh"},
    {"diagonal", [](ModelBuilder &b) { b.options<LstmOptions>(0).diagonal_recurrent_tensors = true; },
     "its recurrent weights are diagonals"},
    {"rank",
     [](ModelBuilder &b) {
       b.tensor(kLstmX).shape = {2, 2};
     },
     "2 dimensions instead of 3"},
    {"units",
     [](ModelBuilder &b) {
       b.tensor(kLstmH).shape = {1, 2};
     },
     "needs a state of outputs of the shape [1,3]"},
    {"features",
     [](ModelBuilder &b) {
       b.tensor(kLstmX).shape = {1, 2, 3};
     },
     "needs weights of the input of the shape [3,3]"},
    {"computed_weights",
     [](ModelBuilder &b) {
       const int copied = b.float32("copied", {3, 2});
       const int source = b.float32("source", {3, 2});
       b.add_op(kLogistic, {source}, {copied});
       b.op(0).inputs[2] = copied;
       b.ends({kLstmX, source}, {kLstmY});
     },
     "its weights are computed at run time"},
    {"cells_of_another_type", [](ModelBuilder &b) { b.tensor(kLstmC).type = schema::TensorType::INT32; },
     "has a state of cells of type int32 instead of float32"},
};

INSTANTIATE_TEST_SUITE_P(Lstm, WrongLstm, testing::ValuesIn(kLstmDamages),
                         [](const auto &damage) { return damage.param.name; });

}  // namespace
}  // namespace thimble::test
