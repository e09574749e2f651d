// Variables of a file become states of the graph; files that use them wrongly get one line.
#include <gtest/gtest.h>

#include "read/reading.h"
#include "read/stateful_model.h"
#include "thimble/graph/interpret.h"
#include "thimble/read/outline.h"
#include "thimble/read/tflite.h"

namespace thimble::test {
namespace {

/// First outputs of a sequence of inferences.
std::vector<Bytes> run(const Graph &graph, const std::vector<Bytes> &inputs) {
  StateBytes states;
  std::vector<Bytes> outputs;
  for (const Bytes &input : inputs) {
    const auto result = interpret_outputs(graph, {input}, states);
    EXPECT_TRUE(result.has_value()) << result.error().text();
    if (result) outputs.push_back(result->front());
  }
  return outputs;
}

using Sequence = std::vector<Bytes>;
const Sequence kInputs{{1, 2}, {3, 4}, {0, 0}};

TEST(Variables, ValuesGoFromOneInferenceToTheNext) {
  const Graph graph = read_or_die(stateful_model());
  ASSERT_EQ(graph.states.size(), 1u);
  EXPECT_EQ(graph.states[0].name, "memory");
  EXPECT_EQ(graph.states[0].written, graph.inputs[0]);
  EXPECT_EQ(run(graph, kInputs), (Sequence{{11, 238}, {4, 6}, {3, 4}}));
}

TEST(Variables, WithoutFirstValueTheyAreFilledWithTheZeroPoint) {
  ModelBuilder b = stateful_model();
  b.subgraph().operators.erase(b.subgraph().operators.begin());  // CALL_ONCE
  for (const int id : {kNow, kBefore}) b.quantize(id, {0.5f}, {-7});
  const Graph graph = read_or_die(b);
  EXPECT_EQ(graph.states[0].initial, nullptr);
  EXPECT_EQ(graph.states[0].fill, 249);
  EXPECT_EQ(run(graph, kInputs), (Sequence{{8, 9}, {18, 20}, {17, 18}}));
}

TEST(Variables, ReadingBehindTheAssignmentGivesTheNewValue) {
  ModelBuilder b = stateful_model();
  const int again = b.int8("again", {1, 2}), sum = b.int8("more", {1, 2});
  b.add_op(kReadVariable, {kHandle}, {again});
  b.add_op(kAdd, {kSumOfBoth, again}, {sum}, schema::AddOptionsT());
  b.ends({kNow}, {sum});
  EXPECT_EQ(run(read_or_die(b), kInputs), (Sequence{{12, 240}, {7, 10}, {3, 4}}));
}

TEST(Variables, TwoReadsBeforeItAreOne) {
  ModelBuilder b = stateful_model();
  const int again = b.int8("again", {1, 2});
  b.add_op(kReadVariable, {kHandle}, {again});
  auto &ops = b.subgraph().operators;
  std::rotate(ops.begin() + kAddOp, ops.end() - 1, ops.end());
  ops[kAddOp + 1]->inputs = {again, kBefore};
  const Graph graph = read_or_die(b);
  EXPECT_EQ(graph.states.size(), 1u);
  EXPECT_EQ(run(graph, kInputs), (Sequence{{20, 216}, {2, 4}, {6, 8}}));
}

TEST(Variables, ThoseThatNeverChangeAreConstants) {
  ModelBuilder b = stateful_model();
  b.subgraph().operators.pop_back();  // ASSIGN_VARIABLE
  const Graph graph = read_or_die(b);
  EXPECT_TRUE(graph.states.empty());
  EXPECT_EQ(run(graph, kInputs), (Sequence{{11, 238}, {13, 240}, {10, 236}}));
}

TEST(Variables, OneMayBecomeAnother) {
  // A shift register: older <- before <- now, read into the output as it is.
  ModelBuilder b = stateful_model();
  const int handle = b.add_tensor("older_handle", schema::TensorType::RESOURCE, {});
  const int older = b.int8("older", {1, 2});
  b.add_op(kVarHandle, {}, {handle}, variable("memory", "other container"));
  b.add_op(kReadVariable, {handle}, {older});
  b.add_op(kAssignVariable, {handle, kBefore}, {});
  b.ends({kNow}, {older});
  const Graph graph = read_or_die(b);
  EXPECT_EQ(graph.states.size(), 2u);
  EXPECT_EQ(run(graph, kInputs), (Sequence{{0, 0}, {10, 236}, {1, 2}}));
}

TEST(Variables, StatesOfAnotherNumberOrSizeAreRefused) {
  const Graph graph = read_or_die(stateful_model());
  StateBytes states{{1}};
  EXPECT_FALSE(interpret(graph, {{1, 2}}, states).has_value());
  states = {{1, 2}, {3, 4}};
  EXPECT_FALSE(interpret(graph, {{1, 2}}, states).has_value());
}

TEST(Variables, AnOutlineHasNoPlaceForThem) {
  const auto outline = outline_tflite(stateful_model().bytes(), "m.tflite");
  ASSERT_FALSE(outline.has_value());
  EXPECT_EQ(outline.error().text().rfind("m.tflite: it keeps variables from one inference to the next", 0),
            0u);
}

class WrongVariables : public testing::TestWithParam<Damage> {};

TEST_P(WrongVariables, OneLine) {
  const std::string text = one_line_for(stateful_model(), GetParam());
  EXPECT_EQ(text.substr(0, GetParam().text.size()), GetParam().text);
}

void remove_op(ModelBuilder &b, int index) {
  b.subgraph().operators.erase(b.subgraph().operators.begin() + index);
}
/// Damages the subgraph of the first values.
auto in_second(void (*apply)(ModelBuilder &)) {
  return [apply](ModelBuilder &b) {
    b.current = 1;
    apply(b);
  };
}

const Damage kDamages[] = {
    {"never_assigned",
     [](ModelBuilder &b) {
       remove_op(b, kAssignOp);
       remove_op(b, kOnceOp);
     },
     "m.tflite: operator 1 (READ_VARIABLE), tensor 'before': it reads variable 'memory', which has no "
     "value;"},
    {"assigned_twice",
     [](ModelBuilder &b) {
       b.add_op(kAssignVariable, {kHandle, kSumOfBoth}, {});
     },
     "m.tflite: operator 5 (ASSIGN_VARIABLE), tensor 'sum': it assigns variable 'memory' a second time, "
     "after "
     "operator 4;"},
    {"other_type",
     [](ModelBuilder &b) {
       b.op(kAssignOp).inputs[1] = b.float32("real", {1, 2});
       b.add_op(kDequantize, {kNow}, {b.op(kAssignOp).inputs[1]});
     },
     "m.tflite: operator 4 (ASSIGN_VARIABLE), tensor 'real': it assigns float32 [1,2] to variable 'memory', "
     "which is read as int8 [1,2];"},
    {"other_shape",
     [](ModelBuilder &b) {
       b.tensor(kNow).shape = b.tensor(kSumOfBoth).shape = {3, 2};
     },
     "m.tflite: operator 4 (ASSIGN_VARIABLE), tensor 'now': it assigns int8 [3,2] to variable 'memory', "
     "which "
     "is read as int8 [1,2];"},
    {"constant_assigned",
     [](ModelBuilder &b) {
       b.op(kAssignOp).inputs[1] = b.int8("c", {1, 2}), b.fill(b.op(kAssignOp).inputs[1], {1, 2});
     },
     "m.tflite: operator 4 (ASSIGN_VARIABLE), tensor 'c': it assigns a constant to variable 'memory', which "
     "is "
     "not supported;"},
    {"other_quantisation_behind",
     [](ModelBuilder &b) {
       const int again = b.int8("again", {1, 2}, 0.25f);
       b.add_op(kReadVariable, {kHandle}, {again});
     },
     "m.tflite: operator 5 (READ_VARIABLE), tensor 'again': its output is quantised unlike what the variable "
     "holds;"},
    {"other_shape_behind",
     [](ModelBuilder &b) {
       const int again = b.int8("again", {2});
       b.add_op(kReadVariable, {kHandle}, {again});
     },
     "m.tflite: operator 5 (READ_VARIABLE), tensor 'again': it reads int8 [2] from a variable that holds "
     "int8 "
     "[1,2];"},
    {"no_handle", [](ModelBuilder &b) { b.op(kReadOp).inputs = {kNow}; },
     "m.tflite: operator 2 (READ_VARIABLE), tensor 'before': its first input is no variable's handle;"},
    {"handle_of_numbers",
     [](ModelBuilder &b) {
       b.op(kHandleOp).outputs = {b.int8("numbers", {1})};
       b.op(kReadOp).inputs = b.op(kHandleOp).outputs;
       remove_op(b, kAssignOp);
       remove_op(b, kReadOp);
       b.op(2).inputs[1] = kNow;
     },
     "m.tflite: operator 1 (VAR_HANDLE), tensor 'numbers': its output is no handle (of type RESOURCE);"},
    {"handle_of_two", [](ModelBuilder &b) { b.add_op(kVarHandle, {}, {kHandle}, variable("other")); },
     "m.tflite: operator 5 (VAR_HANDLE), tensor 'handle': its output is another variable's handle as well;"},
    {"handle_computed_with", [](ModelBuilder &b) { b.op(kAddOp).inputs[1] = kHandle; },
     "m.tflite: tensor 'handle': its element type RESOURCE is not supported;"},
    {"handle_as_output", [](ModelBuilder &b) { b.ends({kNow}, {kHandle}); },
     "m.tflite: tensor 'handle': its element type RESOURCE is not supported;"},
    {"nameless",
     [](ModelBuilder &b) {
       b.op(kHandleOp).builtin_options.Reset();
       remove_op(b, kAssignOp);
       remove_op(b, kReadOp);
       b.op(2).inputs[1] = kNow;
     },
     "m.tflite: operator 1 (VAR_HANDLE), tensor 'handle': it has no options that name a variable;"},
    {"read_into_input",
     [](ModelBuilder &b) {
       b.op(kReadOp).outputs = {kNow};
       b.op(kAddOp).inputs[1] = kNow;
     },
     "m.tflite: operator 2 (READ_VARIABLE), tensor 'now': its output is a network input, or was read or "
     "assigned "
     "before;"},
    {"read_twice_into_one", [](ModelBuilder &b) { b.add_op(kReadVariable, {kHandle}, {kBefore}); },
     "m.tflite: operator 5 (READ_VARIABLE), tensor 'before': its output is a network input, or was read or "
     "assigned before;"},
    {"read_and_computed",
     [](ModelBuilder &b) {
       b.op(kReadOp).outputs = {kSumOfBoth};
       b.op(kAddOp).inputs[1] = kNow;
     },
     "m.tflite: operator 3 (ADD), tensor 'sum': its output is a constant or an input of the network;"},
    {"read_into_constant",
     [](ModelBuilder &b) {
       b.fill(kBefore, {1, 2});
     },
     "m.tflite: operator 2 (READ_VARIABLE), tensor 'before': its output has constant data;"},
    {"one_output_twice",
     [](ModelBuilder &b) {
       const int again = b.int8("again", {1, 2}), third = b.int8("third", {1, 2});
       b.add_op(kReadVariable, {kHandle}, {again});
       b.add_op(kReadVariable, {kHandle}, {third});
       b.op(kAssignOp).inputs[1] = kSumOfBoth;
       b.ends({kNow}, {again, third});
     },
     "m.tflite: tensor 'sum': it is a network output twice;"},
    {"inputs_missing", [](ModelBuilder &b) { b.op(kAssignOp).inputs.pop_back(); },
     "m.tflite: operator 4 (ASSIGN_VARIABLE), tensor 'handle': it has 1 inputs and 0 outputs instead of 2 "
     "and 0;"},
    {"no_such_subgraph",
     [](ModelBuilder &b) { b.options<schema::CallOnceOptionsT>(kOnceOp).init_subgraph_index = 2; },
     "m.tflite: operator 0 (CALL_ONCE): it runs subgraph 2, but the file has 2;"},
    {"itself", [](ModelBuilder &b) { b.options<schema::CallOnceOptionsT>(kOnceOp).init_subgraph_index = 0; },
     "m.tflite: operator 0 (CALL_ONCE): it runs subgraph 0, but the file has 2;"},
    {"too_late",
     [](ModelBuilder &b) {
       std::swap(b.subgraph().operators[kOnceOp], b.subgraph().operators[kAssignOp]);
       std::swap(b.subgraph().operators[0], b.subgraph().operators[1]);
     },
     "m.tflite: operator 4 (CALL_ONCE): it gives variables their first values after they were used;"},
    {"first_value_of_other_shape", in_second([](ModelBuilder &b) { b.tensor(kFirstValue).shape = {2}; }),
     "m.tflite: operator 2 (READ_VARIABLE), tensor 'before': it reads variable 'memory' as int8 [1,2], but "
     "its "
     "first value is int8 [2];"},
    {"first_value_too_short", in_second([](ModelBuilder &b) { b.tensor(kFirstValue).shape = {3}; }),
     "m.tflite: operator 0 (CALL_ONCE): subgraph 1, which it runs, cannot be read: tensor 'first_value': its "
     "shape and type need 3 bytes"},
    {"first_value_not_constant", in_second([](ModelBuilder &b) { b.tensor(kFirstValue).buffer = 0; }),
     "m.tflite: operator 0 (CALL_ONCE): subgraph 1, which it runs, makes no sense: operator 1 "
     "(ASSIGN_VARIABLE): its value for 'memory' is no constant;"},
    {"two_first_values", in_second([](ModelBuilder &b) {
       b.add_op(kAssignVariable, {kFirstHandle, kFirstValue}, {});
     }),
     "m.tflite: operator 0 (CALL_ONCE): subgraph 1, which it runs, makes no sense: operator 2 "
     "(ASSIGN_VARIABLE): variable 'memory' has a first value already;"},
    {"first_value_without_handle", in_second([](ModelBuilder &b) { remove_op(b, kFirstHandleOp); }),
     "m.tflite: operator 0 (CALL_ONCE): subgraph 1, which it runs, makes no sense: operator 0 "
     "(ASSIGN_VARIABLE): its first input is no variable's handle;"},
    {"first_value_computed", in_second([](ModelBuilder &b) {
       const int sum = b.int8("computed", {1, 2});
       b.add_op(kAdd, {kFirstValue, kFirstValue}, {sum}, schema::AddOptionsT());
     }),
     "m.tflite: operator 0 (CALL_ONCE): subgraph 1, which it runs, does more than to assign constants: its "
     "operator 2 is ADD;"},
    {"first_value_by_unknown_operator", in_second([](ModelBuilder &b) {
       const int sum = b.int8("computed", {1, 2});
       b.add_op(94, {kFirstValue}, {sum});
     }),
     "m.tflite: operator 0 (CALL_ONCE): subgraph 1, which it runs, cannot be read: operator 2 (FILL): this "
     "kind "
     "of operator is not supported;"},
    {"once_in_once", in_second([](ModelBuilder &b) { b.add_op(kCallOnce, {}, {}); }),
     "m.tflite: operator 0 (CALL_ONCE): subgraph 1, which it runs, makes no sense: operator 2 (CALL_ONCE): "
     "it "
     "does more than to assign constants;"},
};

INSTANTIATE_TEST_SUITE_P(Variables, WrongVariables, testing::ValuesIn(kDamages),
                         [](const auto &damage) { return damage.param.name; });

TEST(WrongVariables, LongNamesAreNotCopiedWithoutEnd) {
  // FlatBuffers lets all handles share one name: a thousand of 100 kB each.
  flatbuffers::FlatBufferBuilder builder;
  const auto name = builder.CreateString(std::string(100000, 'n'));
  const auto handle = builder.CreateVector(std::vector<std::int32_t>{0});
  std::vector<flatbuffers::Offset<schema::Operator>> ops;
  for (int i = 0; i < 1000; ++i) {
    const auto options = schema::CreateVarHandleOptions(builder, 0, name).Union();
    ops.push_back(
        schema::CreateOperator(builder, 0, 0, handle, schema::BuiltinOptions::VarHandleOptions, options));
  }
  std::vector<flatbuffers::Offset<schema::Tensor>> tensors;
  for (int i = 0; i < 1000; ++i)
    tensors.push_back(schema::CreateTensor(builder, 0, schema::TensorType::RESOURCE));
  const std::vector codes{schema::CreateOperatorCode(builder, 127, 0, 1, kVarHandle)};
  const std::vector subgraphs{
      schema::CreateSubGraph(builder, builder.CreateVector(tensors), 0, handle, builder.CreateVector(ops))};
  const auto code_vector = builder.CreateVector(codes);
  const auto subgraph_vector = builder.CreateVector(subgraphs);
  builder.Finish(schema::CreateModel(builder, 3, code_vector, subgraph_vector), schema::ModelIdentifier());
  const auto graph = read_tflite({builder.GetBufferPointer(), builder.GetSize()}, "m.tflite");
  EXPECT_FALSE(graph.has_value());
}

}  // namespace
}  // namespace thimble::test
