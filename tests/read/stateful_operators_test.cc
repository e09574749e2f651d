// SVDF keeps its memory in a variable tensor; in the graph it is two operators and a state.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace thimble::test
