// Every way in which a file can be wrong gives one line that says where, why and what to do.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "read/reading.h"
#include "read/small_model.h"
#include "thimble/read/tflite.h"

namespace thimble::test {
namespace {

class Diagnostics : public testing::TestWithParam<Damage> {};

TEST_P(Diagnostics, OneLine) {
  const std::string text = one_line_for(small_model(), GetParam());
  EXPECT_EQ(text.substr(0, GetParam().text.size()), GetParam().text);
}

template <class Options>
auto change(int op, void (*edit)(Options &)) {
  return [op, edit](ModelBuilder &b) { edit(b.options<Options>(op)); };
}
using Conv = schema::Conv2DOptionsT;

void replace_buffer(ModelBuilder &b, int tensor, std::vector<std::uint8_t> bytes) {
  b.model.buffers[b.tensor(tensor).buffer]->data = std::move(bytes);
}

const Damage kFile[] = {
    {"version", [](ModelBuilder &b) { b.model.version = 2; }, "m.tflite: the schema version is 2, only 3"},
    {"no_subgraph", [](ModelBuilder &b) { b.model.subgraphs.clear(); },
     "m.tflite: the file holds no subgraph"},
    {"no_operators", [](ModelBuilder &b) { b.subgraph().operators.clear(); },
     "m.tflite: the network has no operators"},
    {"no_outputs", [](ModelBuilder &b) { b.subgraph().outputs.clear(); },
     "m.tflite: the network has no outputs"},
    {"input_index",
     [](ModelBuilder &b) {
       b.subgraph().inputs = {kX, 9};
     },
     "m.tflite: network input 1 is tensor 9, but the file has 9;"},
    {"output_index",
     [](ModelBuilder &b) {
       b.subgraph().outputs = {kScores, -1};
     },
     "m.tflite: network output 1 is tensor -1, but the file has 9"},
    {"input_twice",
     [](ModelBuilder &b) {
       b.subgraph().inputs = {kX, kX};
     },
     "m.tflite: tensor 'x': it is a network input twice"},
    {"too_many_ends", [](ModelBuilder &b) { b.subgraph().outputs.assign(10, kScores); },
     "m.tflite: the network has 10 outputs but only 9 tensors"},
    {"constant_input",
     [](ModelBuilder &b) {
       b.subgraph().inputs = {kX, kDense};
     },
     "m.tflite: tensor 'dense': it is a network input, but has constant data"},
    {"constant_output",
     [](ModelBuilder &b) {
       b.subgraph().outputs = {kScores, kDense};
     },
     "m.tflite: tensor 'dense': this network output is a constant or a network input: nothing is computed"},
    {"passed_through",
     [](ModelBuilder &b) {
       b.subgraph().outputs = {kScores, kX};
     },
     "m.tflite: tensor 'x': this network output is a constant or a network input: nothing is computed"},
    {"output_without_producer",
     [](ModelBuilder &b) {
       b.subgraph().outputs = {kScores, b.int8("nowhere", {1})};
     },
     "m.tflite: tensor 'nowhere': this network output is computed by no operator"},
};

const Damage kTensors[] = {
    {"float16", [](ModelBuilder &b) { b.tensor(kMap).type = schema::TensorType::FLOAT16; },
     "m.tflite: tensor 'map': its element type FLOAT16 is not supported"},
    {"int4", [](ModelBuilder &b) { b.tensor(kDense).type = schema::TensorType::INT4; },
     "m.tflite: tensor 'dense': its element type INT4 is not supported"},
    {"no_such_type", [](ModelBuilder &b) { b.tensor(kDense).type = static_cast<schema::TensorType>(99); },
     "m.tflite: tensor 'dense': its element type number 99 is not supported"},
    {"variable", [](ModelBuilder &b) { b.tensor(kMap).is_variable = true; },
     "m.tflite: tensor 'map': it is a variable that keeps its value between inferences"},
    {"sparse", [](ModelBuilder &b) { b.tensor(kDense).sparsity = std::make_unique<schema::OpaqueT>(); },
     "m.tflite: tensor 'dense': it is stored sparsely"},
    {"external", [](ModelBuilder &b) { b.tensor(kDense).external_buffer = 1; },
     "m.tflite: tensor 'dense': its data is in another file"},
    {"rank", [](ModelBuilder &b) { b.tensor(kMap).shape = {1, 1, 1, 4, 4, 3, 1}; },
     "m.tflite: tensor 'map': it has 7 dimensions, the limit is 6"},
    {"signature_rank",
     [](ModelBuilder &b) {
       b.tensor(kMap).shape_signature = {1, 4, 4};
     },
     "m.tflite: tensor 'map': its shape has 4 dimensions but its shape signature has 3"},
    {"dynamic_rows",
     [](ModelBuilder &b) {
       b.tensor(kX).shape_signature = {-1, -1, 4, 2};
     },
     "m.tflite: tensor 'x': dimension 1 of its shape is dynamic; export the model with a fixed input shape"},
    {"dynamic_in_shape",
     [](ModelBuilder &b) {
       b.tensor(kX).shape = {1, 4, 4, -1};
     },
     "m.tflite: tensor 'x': dimension 3 of its shape is dynamic"},
    {"negative_length",
     [](ModelBuilder &b) {
       b.tensor(kX).shape = {1, 4, -4, 2};
     },
     "m.tflite: tensor 'x': dimension 2 of its shape is -4"},
    {"empty_input",
     [](ModelBuilder &b) {
       b.tensor(kX).shape = {1, 4, 0, 2};
     },
     "m.tflite: tensor 'x': this network input has no elements"},
    {"product_overflow",
     [](ModelBuilder &b) {
       b.tensor(kX).shape = {65536, 65536, 65536, 65536};
     },
     "m.tflite: tensor 'x': it has more than 2147483647 elements"},
    {"product_limit",
     [](ModelBuilder &b) {
       b.tensor(kX).shape = {2, 1 << 30, 1, 1};
     },
     "m.tflite: tensor 'x': it has more than 2147483647 elements"},
    {"buffer_index", [](ModelBuilder &b) { b.tensor(kDense).buffer = 77; },
     "m.tflite: tensor 'dense': it refers to buffer 77, but the file has 5"},
    {"buffer_short", [](ModelBuilder &b) { replace_buffer(b, kDense, std::vector<std::uint8_t>(191)); },
     "m.tflite: tensor 'dense': its shape and type need 192 bytes, but buffer 4 holds 191"},
    {"buffer_long", [](ModelBuilder &b) { replace_buffer(b, kBias, std::vector<std::uint8_t>(16)); },
     "m.tflite: tensor 'bias': its shape and type need 12 bytes, but buffer 2 holds 16"},
    {"buffer_behind",
     [](ModelBuilder &b) {
       replace_buffer(b, kDense, {});
       b.model.buffers[b.tensor(kDense).buffer]->offset = std::numeric_limits<std::uint64_t>::max();
       b.model.buffers[b.tensor(kDense).buffer]->size = 192;
     },
     "m.tflite: tensor 'dense': buffer 4 lies at bytes 18446744073709551615 + 192, beyond the file's "},
    {"name_with_control_characters",
     [](ModelBuilder &b) {
       b.tensor(kX).name = "x\ny\x1b";
       b.tensor(kX).is_variable = true;
     },
     "m.tflite: tensor 'x?y?': it is a variable"},
    {"long_name",
     [](ModelBuilder &b) {
       b.tensor(kX).name = std::string(100000, 'n');
       b.tensor(kX).is_variable = true;
     },
     "m.tflite: tensor '" + std::string(256, 'n') + "': it is a variable"},
    {"no_name",
     [](ModelBuilder &b) {
       b.tensor(kMap).name = "";
       b.tensor(kMap).is_variable = true;
     },
     "m.tflite: tensor '#3': it is a variable"},
};

const Damage kQuantization[] = {
    {"blockwise",
     [](ModelBuilder &b) {
       auto &details = b.tensor(kDense).quantization->details;
       details.type = schema::QuantizationDetails::Blockwise;
       details.value = new schema::OpaqueT();
     },
     "m.tflite: tensor 'dense': its quantisation is blockwise, multi-axis or custom"},
    {"scale_zero", [](ModelBuilder &b) { b.quantize(kX, {0.0f}, {0}); },
     "m.tflite: tensor 'x': scale 0 is 0, which is not a positive finite number"},
    {"scale_negative", [](ModelBuilder &b) { b.quantize(kX, {-1.0f}, {0}); },
     "m.tflite: tensor 'x': scale 0 is -1"},
    {"scale_nan", [](ModelBuilder &b) { b.quantize(kX, {std::nanf("")}, {0}); },
     "m.tflite: tensor 'x': scale 0 is nan"},
    {"scale_infinite",
     [](ModelBuilder &b) {
       b.quantize(kFilter, {1, INFINITY, 1}, {0, 0, 0});
     },
     "m.tflite: tensor 'filter': scale 1 is inf"},
    {"channel_scale_zero",
     [](ModelBuilder &b) {
       b.quantize(kFilter, {1, 1, 0}, {0, 0, 0});
     },
     "m.tflite: tensor 'filter': scale 2 is 0"},
    {"scale_count",
     [](ModelBuilder &b) {
       b.quantize(kFilter, {1, 1}, {0, 0});
     },
     "m.tflite: tensor 'filter': it has 2 scales for the 3 channels of dimension 0"},
    {"zero_point_count",
     [](ModelBuilder &b) {
       b.quantize(kFilter, {1, 1, 1}, {0});
     },
     "m.tflite: tensor 'filter': it has 3 scales but 1 zero points"},
    {"axis_high",
     [](ModelBuilder &b) {
       b.quantize(kFilter, {1, 1, 1}, {0, 0, 0}, 4);
     },
     "m.tflite: tensor 'filter': its scales are along dimension 4, which it does not have"},
    {"axis_negative",
     [](ModelBuilder &b) {
       b.quantize(kFilter, {1, 1, 1}, {0, 0, 0}, -1);
     },
     "m.tflite: tensor 'filter': its scales are along dimension -1"},
    {"zero_point_int8", [](ModelBuilder &b) { b.quantize(kX, {1.0f}, {128}); },
     "m.tflite: tensor 'x': zero point 0 is 128, but int8 allows -128 to 127"},
    {"zero_point_huge", [](ModelBuilder &b) { b.quantize(kX, {1.0f}, {std::int64_t{1} << 32}); },
     "m.tflite: tensor 'x': zero point 0 is 4294967296, but int8"},
    {"zero_point_uint8",
     [](ModelBuilder &b) {
       b.tensor(kX).type = schema::TensorType::UINT8;
       b.quantize(kX, {1.0f}, {-1});
     },
     "m.tflite: tensor 'x': zero point 0 is -1, but uint8 allows 0 to 255"},
    {"zero_point_int32", [](ModelBuilder &b) { b.quantize(kBias, {1.0f}, {1}); },
     "m.tflite: tensor 'bias': zero point 0 is 1, but int32 allows 0 to 0"},
    {"zero_point_int16",
     [](ModelBuilder &b) {
       b.tensor(kX).type = schema::TensorType::INT16;
       b.quantize(kX, {1.0f}, {32768});
     },
     "m.tflite: tensor 'x': zero point 0 is 32768, but int16 allows -32768 to 32767"},
};

const Damage kOperators[] = {
    {"code_index", [](ModelBuilder &b) { b.op(kReshapeOp).opcode_index = 4; },
     "m.tflite: operator 1, tensor 'flat': it refers to operator code 4, but the file has 4"},
    {"unknown_kind", [](ModelBuilder &b) { b.model.operator_codes[1]->builtin_code = 1000; },
     "m.tflite: operator 1, tensor 'flat': operator kind 1000 is unknown"},
    {"negative_kind",
     [](ModelBuilder &b) {
       b.model.operator_codes[1]->builtin_code = -7;
       b.model.operator_codes[1]->deprecated_builtin_code = -3;
     },
     "m.tflite: operator 1, tensor 'flat': operator kind -3 is unknown"},
    {"unsupported", [](ModelBuilder &b) { b.model.operator_codes[1]->builtin_code = 111; },
     "m.tflite: operator 1 (ELU), tensor 'flat': this kind of operator is not supported; "},
    {"custom",
     [](ModelBuilder &b) {
       b.model.operator_codes[3]->builtin_code = kCustom;
       b.model.operator_codes[3]->custom_code = "Mine\n";
     },
     "m.tflite: operator 3 (CUSTOM), tensor 'scores': custom operator 'Mine?' is not supported"},
    {"ethos",
     [](ModelBuilder &b) {
       b.model.operator_codes[3]->builtin_code = kCustom;
       b.model.operator_codes[3]->custom_code = "ethos-u";
     },
     "m.tflite: operator 3 (CUSTOM), tensor 'scores': custom operator 'ethos-u': the model is compiled for "
     "an Arm "
     "Ethos-U by Vela; give the .tflite file from before Vela"},
    {"no_output", [](ModelBuilder &b) { b.op(kSoftmaxOp).outputs.clear(); },
     "m.tflite: operator 3 (SOFTMAX), tensor 'sums': it has 0 outputs instead of 1"},
    {"two_outputs",
     [](ModelBuilder &b) {
       b.op(kSoftmaxOp).outputs = {kScores, kFlat};
     },
     "m.tflite: operator 3 (SOFTMAX), tensor 'scores': it has 2 outputs instead of 1"},
    {"op_input_index", [](ModelBuilder &b) { b.op(kSoftmaxOp).inputs = {9}; },
     "m.tflite: operator 3 (SOFTMAX), tensor 'scores': it refers to tensor 9, but the file has 9"},
    {"op_input_negative", [](ModelBuilder &b) { b.op(kSoftmaxOp).inputs = {-2}; },
     "m.tflite: operator 3 (SOFTMAX), tensor 'scores': it refers to tensor -2"},
    {"op_output_absent", [](ModelBuilder &b) { b.op(kSoftmaxOp).outputs = {-1}; },
     "m.tflite: operator 3 (SOFTMAX): it refers to tensor -1"},
    {"input_absent", [](ModelBuilder &b) { b.op(kSoftmaxOp).inputs = {-1}; },
     "m.tflite: operator 3 (SOFTMAX), tensor 'scores': its input 0 is absent"},
    {"input_count",
     [](ModelBuilder &b) {
       b.op(kSoftmaxOp).inputs = {kSums, kSums};
     },
     "m.tflite: operator 3 (SOFTMAX), tensor 'scores': it has 2 inputs instead of 1"},
    {"no_weights", [](ModelBuilder &b) { b.op(kConvOp).inputs = {kX}; },
     "m.tflite: operator 0 (CONV_2D), tensor 'map': it has 1 inputs instead of 2 to 3"},
    {"dangling",
     [](ModelBuilder &b) {
       b.op(kSoftmaxOp).inputs = {b.int8("loose", {1, 4})};
     },
     "m.tflite: operator 3 (SOFTMAX), tensor 'loose': its input is no constant, no network input, and no "
     "operator"},
    {"two_producers",
     [](ModelBuilder &b) {
       b.add_op(kReshape, {kX, kNewShape}, {kFlat});
     },
     "m.tflite: operator 4 (RESHAPE), tensor 'flat': its output is also computed by operator 1 (RESHAPE)"},
    {"writes_constant",
     [](ModelBuilder &b) {
       b.add_op(kReshape, {kX, kNewShape}, {kDense});
     },
     "m.tflite: operator 4 (RESHAPE), tensor 'dense': its output is a constant or an input of the network"},
    {"writes_input",
     [](ModelBuilder &b) {
       b.add_op(kReshape, {kX, kNewShape}, {kX});
     },
     "m.tflite: operator 4 (RESHAPE), tensor 'x': its output is a constant or an input of the network"},
    {"cycle", [](ModelBuilder &b) { b.op(kReshapeOp).inputs[0] = kScores; },
     "m.tflite: operator 1 (RESHAPE), tensor 'flat': it needs its own result: the operators form a cycle"},
    {"self_cycle", [](ModelBuilder &b) { b.op(kReshapeOp).inputs[0] = kFlat; },
     "m.tflite: operator 1 (RESHAPE), tensor 'flat': it needs its own result"},
    {"other_options", [](ModelBuilder &b) { b.op(kSoftmaxOp).builtin_options.Set(schema::Conv2DOptionsT()); },
     "m.tflite: operator 3 (SOFTMAX), tensor 'scores': its options are those of another kind of operator"},
    {"no_options", [](ModelBuilder &b) { b.op(kConvOp).builtin_options.Reset(); },
     "m.tflite: operator 0 (CONV_2D), tensor 'map': it has no options"},
    {"output_shape",
     [](ModelBuilder &b) {
       b.tensor(kMap).shape = {1, 4, 3, 4};
     },
     "m.tflite: operator 0 (CONV_2D), tensor 'map': the file gives its output the shape [1,4,3,4], but it "
     "follows as "
     "[1,4,4,3]"},
    {"computed_weights", [](ModelBuilder &b) { b.op(kDenseOp).inputs[1] = kFlat; },
     "m.tflite: operator 2 (FULLY_CONNECTED), tensor 'flat': its weights are computed at run time"},
    {"hybrid",
     [](ModelBuilder &b) {
       for (const int id : {kX, kMap, kFlat, kSums, kScores}) {
         b.tensor(id).type = schema::TensorType::FLOAT32;
         b.tensor(id).quantization.reset();
       }
       b.op(kConvOp).inputs = {kX, b.float32("float_filter", {3, 3, 3, 2})};
       b.fill(9, bytes_of(std::vector<float>(54, 0.5f)));
     },
     "m.tflite: operator 2 (FULLY_CONNECTED), tensor 'dense': its data are float32 but its weights int8 (a "
     "hybrid,"},
    {"activation_tanh",
     change<Conv>(kConvOp,
                  [](Conv &o) { o.fused_activation_function = schema::ActivationFunctionType::TANH; }),
     "m.tflite: operator 0 (CONV_2D), tensor 'map': its fused activation TANH is not supported"},
    {"activation_number",
     change<Conv>(
         kConvOp,
         [](Conv &o) { o.fused_activation_function = static_cast<schema::ActivationFunctionType>(-1); }),
     "m.tflite: operator 0 (CONV_2D), tensor 'map': its fused activation is number -1, which does not exist"},
    {"padding_number", change<Conv>(kConvOp, [](Conv &o) { o.padding = static_cast<schema::Padding>(2); }),
     "m.tflite: operator 0 (CONV_2D), tensor 'map': its padding is number 2, which does not exist"},
    {"stride_zero", change<Conv>(kConvOp, [](Conv &o) { o.stride_h = 0; }),
     "m.tflite: operator 0 (CONV_2D), tensor 'map': along rows its filter is 3, its stride 0 and its "
     "dilation 1"},
    {"stride_negative", change<Conv>(kConvOp, [](Conv &o) { o.stride_w = -1; }),
     "m.tflite: operator 0 (CONV_2D), tensor 'map': along columns its filter is 3, its stride -1"},
    {"dilation_zero", change<Conv>(kConvOp, [](Conv &o) { o.dilation_w_factor = 0; }),
     "m.tflite: operator 0 (CONV_2D), tensor 'map': along columns its filter is 3, its stride 1 and its "
     "dilation 0"},
    {"dilation_huge", change<Conv>(kConvOp, [](Conv &o) { o.dilation_h_factor = 0x7fffffff; }),
     "m.tflite: operator 0 (CONV_2D), tensor 'map': its filter spans 4294967295 rows"},
    {"filter_too_large",
     change<Conv>(kConvOp,
                  [](Conv &o) {
                    o.padding = schema::Padding::VALID;
                    o.dilation_h_factor = 2;
                  }),
     "m.tflite: operator 0 (CONV_2D), tensor 'map': its filter spans 5 rows, but its input has 4 and no "
     "padding"},
    {"rank_of_weights",
     [](ModelBuilder &b) {
       b.tensor(kFilter).shape = {3, 18};
     },
     "m.tflite: operator 0 (CONV_2D), tensor 'filter': its input has 2 dimensions instead of 4"},
    {"shuffled_weights",
     change<schema::FullyConnectedOptionsT>(kDenseOp,
                                            [](schema::FullyConnectedOptionsT &o) {
                                              o.weights_format = schema::WeightsFormat::SHUFFLED4x16INT8;
                                            }),
     "m.tflite: operator 2 (FULLY_CONNECTED), tensor 'dense': its weights are stored in a shuffled format"},
    {"beta",
     change<schema::SoftmaxOptionsT>(kSoftmaxOp, [](schema::SoftmaxOptionsT &o) { o.beta = std::nanf(""); }),
     "m.tflite: operator 3 (SOFTMAX), tensor 'scores': its beta is nan"},
};

std::string name_of_case(const testing::TestParamInfo<Damage> &info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(File, Diagnostics, testing::ValuesIn(kFile), name_of_case);
INSTANTIATE_TEST_SUITE_P(Tensors, Diagnostics, testing::ValuesIn(kTensors), name_of_case);
INSTANTIATE_TEST_SUITE_P(Quantization, Diagnostics, testing::ValuesIn(kQuantization), name_of_case);
INSTANTIATE_TEST_SUITE_P(Operators, Diagnostics, testing::ValuesIn(kOperators), name_of_case);

TEST(Diagnostics, TheUndamagedModelIsAccepted) {
  const auto graph = read_tflite(small_model().bytes(), "m.tflite");
  ASSERT_TRUE(graph.has_value()) << graph.error().text();
}

TEST(Diagnostics, ShiftedInt16IsRefusedByTheOperator) {
  ModelBuilder b = small_model();
  for (const int id : {kX, kMap}) b.tensor(id).type = schema::TensorType::INT16;
  b.quantize(kX, {1.0f}, {1});
  const auto graph = read_tflite(b.bytes(), "m.tflite");
  ASSERT_FALSE(graph.has_value());
  ASSERT_EQ(graph.error().lines.size(), 2u) << "the reader of its int16 result is refused, too";
  EXPECT_EQ(graph.error().lines[0].op_name, "CONV_2D") << graph.error().text();
}

TEST(Diagnostics, AllUnsupportedOperatorsAtOnce) {
  ModelBuilder b = small_model();
  b.model.operator_codes[0]->builtin_code = 133;  // IMAG
  b.model.operator_codes[2]->builtin_code = 111;
  b.model.operator_codes[3]->builtin_code = kCustom;
  b.tensor(kMap).type = schema::TensorType::COMPLEX64;
  const auto graph = read_tflite(b.bytes(), "m.tflite");
  ASSERT_FALSE(graph.has_value());
  const auto &lines = graph.error().lines;
  ASSERT_EQ(lines.size(), 3u) << graph.error().text();
  EXPECT_EQ(lines[0].op_name, "IMAG");
  EXPECT_EQ(lines[1].op_name, "ELU");
  EXPECT_EQ(lines[1].op, 2);
  EXPECT_EQ(lines[2].op_name, "CUSTOM");
}

/// "0 IMAG, 2 ELU": which operators have a line, in order; "tensor x" for lines about a tensor.
std::string refused(const ModelBuilder &model) {
  const auto graph = read_tflite(model.bytes(), "m.tflite");
  if (graph) return "accepted";
  std::string text;
  for (const Diagnostic &line : graph.error().lines) {
    text += (text.empty() ? "" : ", ") +
            (line.op < 0 ? "tensor " + line.tensor : std::to_string(line.op) + " " + line.op_name);
  }
  return text;
}

TEST(Diagnostics, EveryOperatorOfAnUnsupportedTypeAtOnce) {
  ModelBuilder b = small_model();
  for (const int id : {kX, kMap, kFlat, kSums, kScores}) {
    b.tensor(id).type = schema::TensorType::UINT8;
    b.quantize(id, {0.5f}, {128});
  }
  EXPECT_EQ(refused(b), "0 CONV_2D, 2 FULLY_CONNECTED, 3 SOFTMAX") << "RESHAPE moves any type";
}

TEST(Diagnostics, KindsTypesAndOptionsAtOnceInTheOrderOfTheFile) {
  ModelBuilder b = small_model();
  b.options<Conv>(kConvOp).fused_activation_function = schema::ActivationFunctionType::TANH;
  b.model.operator_codes[2]->builtin_code = 111;
  b.tensor(kScores).type = schema::TensorType::UINT8;
  b.quantize(kScores, {0.5f}, {128});
  EXPECT_EQ(refused(b), "0 CONV_2D, 2 ELU, 3 SOFTMAX");
  b.tensor(kFilter).type = schema::TensorType::FLOAT16;
  EXPECT_EQ(refused(b), "tensor filter, 2 ELU, 3 SOFTMAX") << "CONV_2D cannot be judged without its filter";
}

TEST(Diagnostics, WhatFollowsFromARefusedOperatorIsNotListed) {
  // The shapes behind the unknown operator are open: they may be others than the file's.
  ModelBuilder open = small_model();
  open.model.operator_codes[0]->builtin_code = 133;  // IMAG
  for (const int id : {kMap, kFlat, kSums, kScores}) open.tensor(id).shape[0] = -1;
  open.tensor(kMap).shape[3] = 5;
  EXPECT_EQ(refused(open), "0 IMAG");
  // Something else may be wrong there nevertheless.
  open.options<schema::SoftmaxOptionsT>(kSoftmaxOp).beta = 0;
  EXPECT_EQ(refused(open), "0 IMAG, 3 SOFTMAX");

  // Weights, and the shape for a RESHAPE, which would be constants if the operators that make them were
  // known.
  ModelBuilder constants = small_model();
  const int stored = constants.int8("stored", {3, 3, 3, 2});
  constants.fill(stored, std::vector<std::uint8_t>(54, 7));
  for (const int id : {kFilter, kNewShape}) constants.tensor(id).buffer = 0;
  constants.tensor(kFlat).shape_signature = {-1, 48};
  constants.add_op(124, {stored}, {kFilter});  // DENSIFY
  constants.add_op(77, {kX}, {kNewShape});     // SHAPE
  EXPECT_EQ(refused(constants), "4 DENSIFY, 5 SHAPE");

  // Types that only exist between operators of unknown kinds.
  ModelBuilder types = small_model();
  types.model.operator_codes[0]->builtin_code = 133;
  types.tensor(kMap).type = schema::TensorType::COMPLEX64;
  EXPECT_EQ(refused(types), "0 IMAG");
}

TEST(Diagnostics, WeightsInAnUnsupportedTypeAreNamedOnce) {
  ModelBuilder b;
  b.float32("x", {1, 3});
  b.add_tensor("stored", schema::TensorType::FLOAT16, {2, 3});
  b.fill(1, std::vector<std::uint8_t>(12));
  b.float32("weights", {2, 3});
  b.float32("y", {1, 2});
  b.add_op(kDequantize, {1}, {2});
  b.add_op(kFullyConnected, {0, 2}, {3}, schema::FullyConnectedOptionsT());
  b.ends({0}, {3});
  EXPECT_EQ(refused(b), "tensor stored");
}

TEST(Diagnostics, IndependentProblemsAreListedTogether) {
  ModelBuilder b = small_model();
  b.options<Conv>(kConvOp).stride_h = 0;
  b.options<schema::SoftmaxOptionsT>(kSoftmaxOp).beta = 0;
  const auto graph = read_tflite(b.bytes(), "m.tflite");
  ASSERT_FALSE(graph.has_value());
  EXPECT_EQ(graph.error().lines.size(), 2u) << graph.error().text();
}

TEST(Diagnostics, OperatorsOfOneKindShareALine) {
  ModelBuilder b = small_model();
  b.model.operator_codes[3]->builtin_code = 111;  // ELU
  for (int i = 0; i < 2000; ++i)
    b.subgraph().operators.push_back(std::make_unique<schema::OperatorT>(b.op(3)));
  const auto graph = read_tflite(b.bytes(), "m.tflite");
  ASSERT_FALSE(graph.has_value());
  ASSERT_EQ(graph.error().lines.size(), 1u) << graph.error().text();
  const Diagnostic &line = graph.error().lines[0];
  EXPECT_EQ(line.op, 3);
  EXPECT_EQ(line.reason, "this kind of operator is not supported, as with 2000 more of its kind");
}

TEST(Diagnostics, LinesAreLimited) {
  ModelBuilder b;
  b.float32("x", {1, 3});
  for (int i = 0; i < 2000; ++i) {
    const int stored = b.add_tensor("stored", schema::TensorType::FLOAT16, {2, 3});
    b.fill(stored, std::vector<std::uint8_t>(12));
    const int weights = b.float32("weights", {2, 3}), y = b.float32("y", {1, 2});
    b.add_op(kDequantize, {stored}, {weights});
    b.add_op(kFullyConnected, {0, weights}, {y}, schema::FullyConnectedOptionsT());
    if (i == 0) b.ends({0}, {y});
  }
  const auto graph = read_tflite(b.bytes(), "m.tflite");
  ASSERT_FALSE(graph.has_value());
  ASSERT_EQ(graph.error().lines.size(), tflite_limits::reported_lines + 1);
  EXPECT_EQ(graph.error().lines.back().text(), "m.tflite: 1000 more problems are not listed");
}

TEST(Diagnostics, NoModelAtAll) {
  const auto text = [](const std::vector<std::uint8_t> &bytes) {
    const auto graph = read_tflite(bytes, "m.tflite");
    return graph ? "accepted" : graph.error().text();
  };
  const std::string mark =
      "m.tflite: this is no TensorFlow Lite model (the mark 'TFL3' is missing at byte 4); give";
  EXPECT_EQ(text({}).substr(0, mark.size()), mark);
  EXPECT_EQ(text({1, 2, 3}).substr(0, mark.size()), mark);
  EXPECT_EQ(text(std::vector<std::uint8_t>(1000)).substr(0, mark.size()), mark);
  std::vector<std::uint8_t> marked(64, 0xff);
  std::memcpy(marked.data() + 4, "TFL3", 4);
  EXPECT_EQ(text(marked).find("m.tflite: the FlatBuffer is damaged"), 0u) << text(marked);
  const auto missing = read_tflite(std::filesystem::path("/nonexistent/m.tflite"));
  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().text().find("/nonexistent/m.tflite"), std::string::npos);
}

TEST(Diagnostics, CountsAreLimited) {
  ModelBuilder b = small_model();
  for (std::size_t i = 0; i < tflite_limits::tensors; ++i) {
    b.subgraph().tensors.push_back(std::make_unique<schema::TensorT>());
  }
  const auto graph = read_tflite(b.bytes(), "m.tflite");
  ASSERT_FALSE(graph.has_value());
  EXPECT_EQ(
      graph.error().text().find("m.tflite: it has 65545 tensors and 4 operators, the limits are 65536 and"),
      0u)
      << graph.error().text();
}

TEST(Diagnostics, SharedVectorsDoNotMultiply) {
  // FlatBuffers lets two buffers share one vector. A thousand of 100 kB each would be copied to 100 MB.
  flatbuffers::FlatBufferBuilder builder;
  const auto data = builder.CreateVector(std::vector<std::uint8_t>(100000));
  std::vector<flatbuffers::Offset<schema::Buffer>> buffers{schema::CreateBuffer(builder)};
  std::vector<flatbuffers::Offset<schema::Tensor>> tensors;
  const auto shape = builder.CreateVector(std::vector<std::int32_t>{100000});
  std::vector<std::int32_t> ids;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    buffers.push_back(schema::CreateBuffer(builder, data));
    tensors.push_back(schema::CreateTensor(builder, shape, schema::TensorType::INT8, i + 1));
    ids.push_back(static_cast<std::int32_t>(i));
  }
  tensors.push_back(schema::CreateTensor(builder, shape, schema::TensorType::INT8));
  const auto options = schema::CreateConcatenationOptions(builder).Union();
  const auto inputs = builder.CreateVector(ids),
             outputs = builder.CreateVector(std::vector<std::int32_t>{1000});
  const std::vector ops{schema::CreateOperator(builder, 0, inputs, outputs,
                                               schema::BuiltinOptions::ConcatenationOptions, options)};
  const std::vector codes{schema::CreateOperatorCode(builder, kConcatenation, 0, 1, kConcatenation)};
  const std::vector subgraphs{
      schema::CreateSubGraph(builder, builder.CreateVector(tensors), 0, outputs, builder.CreateVector(ops))};
  const auto code_vector = builder.CreateVector(codes);
  const auto subgraph_vector = builder.CreateVector(subgraphs);
  builder.Finish(
      schema::CreateModel(builder, 3, code_vector, subgraph_vector, 0, builder.CreateVector(buffers)),
      schema::ModelIdentifier());
  const auto graph = read_tflite({builder.GetBufferPointer(), builder.GetSize()}, "m.tflite");
  ASSERT_FALSE(graph.has_value());
  EXPECT_NE(graph.error().text().find("parts of the file are used by too many tensors at once"),
            std::string::npos)
      << graph.error().text();
}

}  // namespace
}  // namespace thimble::test
