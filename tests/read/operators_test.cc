// What the reader makes of options and constant side inputs.
#include <gtest/gtest.h>

#include <limits>

#include "read/reading.h"
#include "read/small_model.h"
#include "thimble/read/tflite.h"

namespace thimble::test {
namespace {

std::string refusal(const ModelBuilder &model) {
  const auto graph = read_tflite(model.bytes(), "m.tflite");
  return graph ? "accepted" : graph.error().text();
}

/// x -> one operator -> y, all float32. Side inputs are added with int32_constant and named in `side`.
struct OneOp {
  ModelBuilder b;
  OneOp(std::vector<std::int32_t> x, std::vector<std::int32_t> y) {
    b.float32("x", std::move(x));
    b.float32("y", std::move(y));
    b.ends({0}, {1});
  }
  template <class... Options>
  OneOp &op(std::int32_t code, std::vector<std::int32_t> side, Options... options) {
    side.insert(side.begin(), 0);
    b.add_op(code, side, {1}, options...);
    return *this;
  }
  int list(const std::vector<std::int32_t> &values) {
    return b.int32_constant("side", {static_cast<std::int32_t>(values.size())}, values);
  }
};

template <class Kind>
Kind only_op(const Graph &graph) {
  EXPECT_EQ(graph.ops.size(), 2u);
  EXPECT_TRUE(graph.ops.size() == 2 && graph.ops[1].is<Kind>());
  if (graph.ops.size() != 2 || !graph.ops[1].is<Kind>()) return Kind();
  EXPECT_EQ(graph.ops[1].inputs, std::vector<TensorId>{graph.inputs[0]}) << "side inputs are absorbed";
  EXPECT_EQ(graph.tensors.size(), 2u) << "and their tensors dropped";
  return graph.ops[1].as<Kind>();
}

TEST(Operators, WholeSmallModel) {
  const Graph graph = read_or_die(small_model());
  ASSERT_EQ(graph.ops.size(), 5u);
  EXPECT_TRUE(graph.ops[0].is<Input>());
  EXPECT_EQ(graph.ops[0].file_index, kNone);
  ASSERT_TRUE(graph.ops[1].is<Conv2D>());
  EXPECT_EQ(graph.ops[1].file_index, 0);
  const auto &conv = graph.ops[1].as<Conv2D>();
  EXPECT_EQ(conv.padding, (Padding2D{1, 1, 1, 1}));
  EXPECT_EQ(conv.activation, Activation::relu);
  const Tensor &filter = graph.tensor(graph.ops[1].inputs[1]);
  EXPECT_EQ(filter.name, "filter");
  EXPECT_EQ(*filter.data, std::vector<std::uint8_t>(54, 7));
  EXPECT_EQ(filter.quantization.scales, (std::vector<float>{0.01f, 0.02f, 0.03f}));
  EXPECT_EQ(filter.quantization.axis, 0);
  EXPECT_EQ(graph.tensor(graph.inputs[0]).quantization.zero_point(), -3);
  EXPECT_EQ(graph.ops[3].inputs,
            (std::vector<TensorId>{graph.ops[2].output(), graph.ops[3].inputs[1], kNone}));
  EXPECT_EQ(graph.file, "m.tflite");
  EXPECT_EQ(graph.sha256.size(), 64u);
  EXPECT_EQ(graph.outputs, std::vector<TensorId>{graph.ops[4].output()});
}

TEST(Operators, MissingThirdInputIsNoBias) {
  ModelBuilder b = small_model();
  b.op(kConvOp).inputs = {kX, kFilter};
  const Graph graph = read_or_die(b);
  EXPECT_EQ(graph.ops[1].inputs.at(2), kNone);
}

TEST(Operators, OldFilesHaveOnlyTheOldCode) {
  ModelBuilder b = small_model();
  for (auto &code : b.model.operator_codes) code->builtin_code = 0;
  EXPECT_TRUE(read_or_die(b).ops.at(1).is<Conv2D>());
}

TEST(Operators, NewCodesHideBehindAPlaceholder) {
  OneOp model({1, 2, 2, 1}, {1, 4, 4, 1});
  model.op(kResizeNearestNeighbor, {model.list({4, 4})}, schema::ResizeNearestNeighborOptionsT());
  model.b.model.operator_codes[0]->deprecated_builtin_code = 127;
  model.b.model.operator_codes[0]->builtin_code = 133;
  EXPECT_NE(refusal(model.b).find("(IMAG)"), std::string::npos) << "the larger code counts";
}

struct PaddingCase {
  schema::Padding padding;
  int input, filter, stride;
  int output, before, after;
};

class Paddings : public testing::TestWithParam<PaddingCase> {};

TEST_P(Paddings, AsTensorFlowLiteComputesThem) {
  const PaddingCase c = GetParam();
  OneOp model({1, c.input, 1, 1}, {1, c.output, 1, 1});
  schema::Pool2DOptionsT options;
  options.padding = c.padding;
  options.filter_height = c.filter;
  options.stride_h = c.stride;
  options.filter_width = options.stride_w = 1;
  model.op(kMaxPool2D, {}, options);
  const auto pool = only_op<MaxPool2D>(read_or_die(model.b));
  EXPECT_EQ(pool.padding, (Padding2D{c.before, c.after, 0, 0}));
  EXPECT_EQ(pool.filter, (Step2D{c.filter, 1}));
  EXPECT_EQ(pool.stride, (Step2D{c.stride, 1}));
}

using enum schema::Padding;
INSTANTIATE_TEST_SUITE_P(
    All, Paddings,
    testing::Values(PaddingCase{SAME, 5, 4, 2, 3, 1, 2}, PaddingCase{SAME, 5, 3, 1, 5, 1, 1},
                    PaddingCase{SAME, 6, 3, 2, 3, 0, 1}, PaddingCase{SAME, 7, 2, 3, 3, 0, 1},
                    PaddingCase{SAME, 4, 1, 2, 2, 0, 0}, PaddingCase{SAME, 3, 9, 1, 3, 4, 4},
                    PaddingCase{VALID, 5, 4, 2, 1, 0, 0}, PaddingCase{VALID, 6, 3, 2, 2, 0, 0}));

TEST(Operators, DilationWidensThePadding) {
  ModelBuilder b = small_model();
  b.options<schema::Conv2DOptionsT>(kConvOp).dilation_h_factor = 2;  // spans 5 of 4 rows
  EXPECT_EQ(read_or_die(b).ops[1].as<Conv2D>().padding, (Padding2D{2, 2, 1, 1}));
}

TEST(Operators, DepthMultiplierComesFromTheShapes) {
  OneOp model({1, 4, 4, 2}, {1, 4, 4, 6});
  const int filter = model.b.float32("filter", {1, 1, 1, 6});
  model.b.fill(filter, bytes_of(std::vector<float>(6, 1.0f)));
  schema::DepthwiseConv2DOptionsT options;
  options.stride_h = options.stride_w = 1;
  options.depth_multiplier = 77;  // wrong, and ignored by TensorFlow Lite
  model.op(kDepthwiseConv2D, {filter}, options);
  EXPECT_EQ(read_or_die(model.b).ops[1].as<DepthwiseConv2D>().depth_multiplier, 3);
  model.b.tensor(0).shape = {1, 4, 4, 4};
  EXPECT_EQ(
      refusal(model.b),
      "m.tflite: operator 0 (DEPTHWISE_CONV_2D), tensor 'filter': its weights have 6 channels, which is no "
      "multiple of the input's 4; the file is damaged or was made by a faulty exporter; export it again");
}

TEST(Operators, MeanAxesAreSortedAndCountedFromTheFront) {
  OneOp model({2, 3, 4, 5}, {2, 5});
  model.op(kMean, {model.list({-2, 1, 2})}, schema::ReducerOptionsT());
  const auto mean = only_op<Mean>(read_or_die(model.b));
  EXPECT_EQ(mean.axes, (std::vector<std::int32_t>{1, 2}));
  EXPECT_FALSE(mean.keep_dims);
  OneOp outside({2, 3}, {2});
  outside.op(kMean, {outside.list({2})}, schema::ReducerOptionsT());
  EXPECT_NE(refusal(outside.b).find("axis 2 is not one of its input's 2"), std::string::npos);
  OneOp none({2, 3}, {2, 3});
  none.op(kMean, {none.list({})}, schema::ReducerOptionsT());
  EXPECT_NE(refusal(none.b).find("it has no axes to reduce"), std::string::npos);
}

TEST(Operators, SideInputsMustBeConstantIntegers) {
  OneOp computed({2, 3}, {2});
  computed.op(kMean, {0}, schema::ReducerOptionsT());
  EXPECT_NE(refusal(computed.b).find("its axes are float32 instead of int32 or int64"), std::string::npos);
  OneOp given({2, 3}, {2});
  const int axes = given.b.add_tensor("axes", schema::TensorType::INT32, {1});
  given.op(kMean, {axes}, schema::ReducerOptionsT());
  given.b.ends({0, axes}, {1});
  EXPECT_NE(refusal(given.b).find("tensor 'axes': its axes are computed at run time"), std::string::npos);
  OneOp wide({2, 3}, {2});
  const int axis = wide.b.add_tensor("axes", schema::TensorType::INT64, {});
  wide.b.fill(axis, bytes_of(std::vector<std::int64_t>{-1}));
  wide.op(kMean, {axis}, schema::ReducerOptionsT());
  EXPECT_EQ(only_op<Mean>(read_or_die(wide.b)).axes, std::vector<std::int32_t>{1});
}

TEST(Operators, Pad) {
  OneOp model({1, 3}, {1, 8});
  const int amounts = model.b.int32_constant("amounts", {2, 2}, {0, 0, 2, 3});
  model.op(kPad, {amounts});
  const auto pad = only_op<Pad>(read_or_die(model.b));
  EXPECT_EQ(pad.before, (std::vector<std::int32_t>{0, 2}));
  EXPECT_EQ(pad.after, (std::vector<std::int32_t>{0, 3}));
  model.b.model.buffers.back()->data = bytes_of(std::vector<std::int32_t>{0, 0, -1, 3});
  EXPECT_NE(refusal(model.b).find("padding amount 2 is -1"), std::string::npos);
}

TEST(Operators, Transpose) {
  OneOp model({2, 3, 4}, {4, 2, 3});
  model.op(kTranspose, {model.list({2, 0, 1})});
  EXPECT_EQ(only_op<Transpose>(read_or_die(model.b)).permutation, (std::vector<std::int32_t>{2, 0, 1}));
  model.b.model.buffers.back()->data = bytes_of(std::vector<std::int32_t>{2, 0, 2});
  EXPECT_NE(refusal(model.b).find("its axes are no permutation"), std::string::npos);
}

TEST(Operators, ConcatenationAxisFromTheEnd) {
  OneOp model({1, 3}, {1, 6});
  schema::ConcatenationOptionsT options;
  options.axis = -1;
  model.op(kConcatenation, {0}, options);
  EXPECT_EQ(read_or_die(model.b).ops[1].as<Concatenation>().axis, 1);
  model.b.options<schema::ConcatenationOptionsT>(0).axis = 2;
  EXPECT_NE(refusal(model.b).find("axis 2 is not one of its input's 2"), std::string::npos);
}

TEST(Operators, ResizeMustMatchItsOutput) {
  OneOp model({1, 2, 2, 1}, {1, 4, 6, 1});
  schema::ResizeNearestNeighborOptionsT options;
  options.half_pixel_centers = true;
  model.op(kResizeNearestNeighbor, {model.list({4, 6})}, options);
  EXPECT_TRUE(only_op<ResizeNearestNeighbor>(read_or_die(model.b)).half_pixel_centers);
  model.b.model.buffers.back()->data = bytes_of(std::vector<std::int32_t>{4, 4});
  EXPECT_NE(refusal(model.b).find("the size of its output is not the one"), std::string::npos);
}

TEST(Operators, LeakyRelu) {
  OneOp model({1, 3}, {1, 3});
  schema::LeakyReluOptionsT options;
  options.alpha = 0.25f;
  model.op(kLeakyRelu, {}, options);
  EXPECT_EQ(only_op<LeakyRelu>(read_or_die(model.b)).alpha, 0.25f);
}

TEST(Operators, FallingLeakyReluOfIntegersIsRefused) {
  for (const float alpha :
       {-0.5f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    ModelBuilder b;
    b.int8("x", {1, 3});
    b.int8("y", {1, 3});
    schema::LeakyReluOptionsT options;
    options.alpha = alpha;
    b.add_op(kLeakyRelu, {0}, {1}, options);
    b.ends({0}, {1});
    EXPECT_NE(refusal(b).find(alpha > 0 ? "scales its sum up" : "has a slope below zero on integers"),
              std::string::npos)
        << refusal(b);
  }
}

/// x [1,h,1,2] -> TRANSPOSE_CONV, filter of `taps` rows, one channel -> y [1,rows,1,1].
ModelBuilder transposed(schema::Padding padding, int length, int taps, int stride, int rows) {
  ModelBuilder b;
  const int shape = b.int32_constant("shape", {4}, {1, rows, 1, 1});
  const int filter = b.float32("filter", {1, taps, 1, 2});
  b.fill(filter, bytes_of(std::vector<float>(static_cast<std::size_t>(2 * taps), 1.0f)));
  const int x = b.float32("x", {1, length, 1, 2}), y = b.float32("y", {1, rows, 1, 1});
  schema::TransposeConvOptionsT options;
  options.padding = padding;
  options.stride_h = stride;
  options.stride_w = 1;
  b.add_op(kTransposeConv, {shape, filter, x}, {y}, options);
  b.ends({x}, {y});
  return b;
}

TEST(Operators, TransposedConvolutionsPadTheirOutput) {
  const auto top = [](const ModelBuilder &b) {
    const Graph graph = read_or_die(b);
    EXPECT_EQ(graph.ops.size(), 2u);
    const auto &conv = graph.ops.back().as<TransposeConv>();
    EXPECT_EQ(graph.ops.back().inputs.size(), 3u) << "the shape is dropped, a bias is absent";
    return conv.padding.top;
  };
  EXPECT_EQ(top(transposed(schema::Padding::SAME, 4, 3, 2, 8)), 0);
  EXPECT_EQ(top(transposed(schema::Padding::SAME, 4, 3, 2, 7)), 1);
  EXPECT_EQ(top(transposed(schema::Padding::SAME, 4, 5, 1, 4)), 2);
  EXPECT_EQ(top(transposed(schema::Padding::VALID, 4, 3, 2, 9)), 0);
}

TEST(Operators, TransposedConvolutionsTakeTheShapeOfTheirOutput) {
  ModelBuilder b = transposed(schema::Padding::VALID, 4, 3, 2, 9);
  b.tensor(0).buffer = 0;  // whatever gives it
  b.ends({0, 2}, {3});
  const Graph graph = read_or_die(b);
  ASSERT_EQ(graph.outputs.size(), 1u);
  EXPECT_EQ(graph.tensor(graph.outputs[0]).shape, (Shape{1, 9, 1, 1}));
  b.tensor(3).shape = {1, 9, 1, 2};
  EXPECT_NE(refusal(b).find("the file gives its output the shape [1,9,1,2], but it follows as [1,9,1,1]"),
            std::string::npos);
  b.tensor(3).shape = {1, 9, 1};
  EXPECT_NE(refusal(b).find("its output has 3 dimensions instead of 4"), std::string::npos);
  ModelBuilder stride = transposed(schema::Padding::VALID, 4, 3, 0, 9);
  EXPECT_NE(refusal(stride).find("has a stride below 1 along rows"), std::string::npos);
  ModelBuilder deep = transposed(schema::Padding::VALID, 4, 3, 2, 9);
  deep.tensor(2).shape = {1, 4, 1, 3};
  EXPECT_NE(refusal(deep).find("has filters of 2 channels for an input of 3"), std::string::npos);
}

struct SliceCase {
  std::vector<std::int32_t> begin, end, stride;
  std::int32_t begin_mask, end_mask, shrink_mask;
  bool offset;
  std::vector<std::int32_t> output;  // shape, of an input [5, 6]
  std::vector<std::int32_t> want_begin, want_extent;
};

class Slices : public testing::TestWithParam<SliceCase> {};

TEST_P(Slices, FollowPython) {
  const SliceCase &c = GetParam();
  OneOp model({5, 6}, c.output);
  schema::StridedSliceOptionsT options;
  options.begin_mask = c.begin_mask;
  options.end_mask = c.end_mask;
  options.shrink_axis_mask = c.shrink_mask;
  options.offset = c.offset;
  const std::vector<std::int32_t> side{model.list(c.begin), model.list(c.end), model.list(c.stride)};
  model.op(kStridedSlice, side, options);
  const auto slice = only_op<StridedSlice>(read_or_die(model.b));
  EXPECT_EQ(slice.begin, c.want_begin);
  EXPECT_EQ(slice.extent, c.want_extent);
}

INSTANTIATE_TEST_SUITE_P(
    All, Slices,
    testing::Values(SliceCase{{1, 0}, {4, 6}, {2, 1}, 0, 0, 0, false, {2, 6}, {1, 0}, {2, 6}},
                    SliceCase{{-1, 9}, {0, 0}, {-2, -1}, 0, 2, 0, false, {2, 6}, {4, 5}, {2, 6}},
                    SliceCase{{0, -3}, {0, -1}, {1, 1}, 1, 1, 0, false, {5, 2}, {0, 3}, {5, 2}},
                    SliceCase{{2, 1}, {0, 99}, {1, 3}, 0, 0, 1, false, {2}, {2, 1}, {1, 2}},
                    SliceCase{{-2}, {1}, {1}, 0, 0, 0, true, {1, 6}, {3, 0}, {1, 6}},
                    SliceCase{{3}, {0}, {-1}, 0, 1, 0, false, {4, 6}, {3, 0}, {4, 6}}));

TEST(Operators, SlicesOfNothingAndOddMasksAreRefused) {
  const auto slice = [](std::int32_t begin, std::int32_t end, std::int32_t stride, int ellipsis) {
    OneOp model({5}, {1});
    schema::StridedSliceOptionsT options;
    options.ellipsis_mask = ellipsis;
    const std::vector<std::int32_t> side{model.list({begin}), model.list({end}), model.list({stride})};
    model.op(kStridedSlice, side, options);
    return refusal(model.b);
  };
  EXPECT_EQ(slice(0, 1, 1, 0), "accepted");
  EXPECT_NE(slice(0, 1, 1, 1).find("it uses an ellipsis or adds an axis"), std::string::npos);
  EXPECT_NE(slice(0, 1, 0, 0).find("the stride of dimension 0 is 0"), std::string::npos);
  EXPECT_NE(slice(0, 1, std::numeric_limits<std::int32_t>::min(), 0).find("the stride of"),
            std::string::npos);
  EXPECT_NE(slice(3, 3, 1, 0).find("it takes no element along dimension 0 of 5"), std::string::npos);
  EXPECT_NE(slice(7, 9, 1, 0).find("it takes no element"), std::string::npos);
}

TEST(Operators, TheOpenBatchIsOneAndShapesFollow) {
  ModelBuilder b = small_model();
  for (const int id : {kX, kMap, kFlat, kSums, kScores}) {
    b.tensor(id).shape_signature = b.tensor(id).shape;
    b.tensor(id).shape_signature[0] = -1;
    b.tensor(id).shape[0] = 8;  // whatever the exporter left there
  }
  b.model.buffers[b.tensor(kNewShape).buffer]->data = bytes_of(std::vector<std::int32_t>{-1, 48});
  const Graph graph = read_or_die(b);
  ASSERT_EQ(graph.ops.size(), 5u);
  EXPECT_EQ(graph.tensor(graph.inputs[0]).shape, (Shape{1, 4, 4, 2}));
  EXPECT_EQ(graph.tensor(graph.ops[2].output()).shape, (Shape{1, 48}));
  EXPECT_EQ(graph.tensor(graph.outputs[0]).shape, (Shape{1, 4}));
}

TEST(Operators, AnOpenBatchOfAReshapeNeedNotBeOne) {
  ModelBuilder b;  // x [-1,4,6] -> rows [-1,6], which are 4
  b.float32("x", {-1, 4, 6});
  b.float32("rows", {-1, 6});
  b.add_op(kReshape, {0}, {1});
  b.ends({0}, {1});
  const Graph graph = read_or_die(b);
  ASSERT_EQ(graph.outputs.size(), 1u);
  EXPECT_EQ(graph.tensor(graph.outputs[0]).shape, (Shape{4, 6}));
  b.tensor(1).shape = {-1, 5};
  EXPECT_NE(refusal(b).find("its input's 24 elements do not fill the new shape evenly"), std::string::npos);
}

TEST(Operators, AnyFileOrderIsMadeExecutable) {
  ModelBuilder b = small_model();
  std::swap(b.subgraph().operators[0], b.subgraph().operators[3]);
  std::swap(b.subgraph().operators[1], b.subgraph().operators[2]);
  const Graph graph = read_or_die(b);
  ASSERT_EQ(graph.ops.size(), 5u);
  EXPECT_EQ(graph.ops[1].file_index, 3);
  EXPECT_TRUE(graph.ops[1].is<Conv2D>());
  EXPECT_TRUE(graph.ops[4].is<Softmax>());
  EXPECT_EQ(graph.ops[4].file_index, 0);
}

TEST(Operators, AnExecutableOrderIsKept) {
  ModelBuilder b;  // two independent chains, interleaved
  for (const char *name : {"x", "a", "b", "c", "d"}) b.float32(name, {1, 4});
  b.add_op(kLogistic, {0}, {1});
  b.add_op(kLogistic, {0}, {2});
  b.add_op(kLogistic, {1}, {3});
  b.add_op(kLogistic, {2}, {4});
  b.ends({0}, {4, 3});
  const Graph graph = read_or_die(b);
  ASSERT_EQ(graph.ops.size(), 5u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(graph.ops[static_cast<std::size_t>(i) + 1].file_index, i);
}

TEST(Operators, NegativeChannelScalesOfWeightsAreKept) {
  ModelBuilder b = small_model();
  b.quantize(kFilter, {0.01f, -0.02f, 0.03f}, {0, 0, 0}, 0);
  EXPECT_EQ(read_or_die(b).tensor(1).quantization.scales[1], -0.02f);
}

TEST(Operators, WeightsDequantisedFromConstantsAreEvaluated) {
  ModelBuilder b;
  b.float32("x", {1, 3});
  b.int8("stored", {2, 3}, 0.5f, 1);
  b.fill(1, {1, 3, 5, 7, 9, 11});
  b.float32("weights", {2, 3});
  b.float32("y", {1, 2});
  b.add_op(kFullyConnected, {0, 2}, {3}, schema::FullyConnectedOptionsT());
  b.add_op(kDequantize, {1}, {2});
  b.ends({0}, {3});
  const Graph graph = read_or_die(b);
  ASSERT_EQ(graph.ops.size(), 2u) << "DEQUANTIZE is gone";
  const Tensor &weights = graph.tensor(graph.ops[1].inputs[1]);
  ASSERT_TRUE(weights.constant());
  EXPECT_EQ(*weights.data, bytes_of(std::vector<float>{0, 1, 2, 3, 4, 5}));
}

TEST(Operators, BuffersBehindTheFlatBuffer) {
  ModelBuilder b = small_model();
  auto &buffer = *b.model.buffers[b.tensor(kDense).buffer];
  buffer.data.clear();
  buffer.offset = 2;  // so that both fields are written; the real place is known only after packing
  buffer.size = 192;
  const std::size_t place = b.bytes().size();
  buffer.offset = place;
  std::vector<std::uint8_t> bytes = b.bytes();
  ASSERT_EQ(bytes.size(), place);
  bytes.resize(place + 192, 9);
  const auto graph = read_tflite(bytes, "m.tflite");
  ASSERT_TRUE(graph.has_value()) << graph.error().text();
  EXPECT_EQ(*graph->tensor(graph->ops[3].inputs[1]).data, std::vector<std::uint8_t>(192, 9));
  bytes.pop_back();
  EXPECT_FALSE(read_tflite(bytes, "m.tflite").has_value());
}

TEST(Operators, UnalignedBytesGiveTheSameGraph) {
  const std::vector<std::uint8_t> bytes = small_model().bytes();
  std::vector<std::uint8_t> shifted(bytes.size() + 1);
  std::copy(bytes.begin(), bytes.end(), shifted.begin() + 1);
  const auto graph = read_tflite(std::span(shifted).subspan(1), "m.tflite");
  ASSERT_TRUE(graph.has_value()) << graph.error().text();
  EXPECT_EQ(graph->sha256, read_or_die(small_model()).sha256);
}

/// x int8 -> LOGISTIC -> y, whose zero points (of 64 bits) are aligned to 4 bytes only, as a verifier lets
/// pass. `shift` more bytes before them reach both remainders modulo 8.
std::vector<std::uint8_t> loosely_aligned_model(bool shift) {
  flatbuffers::FlatBufferBuilder builder;
  if (shift) builder.CreateVector(std::vector<std::int32_t>{1});
  const auto words = builder.CreateVector(std::vector<std::int32_t>{-128, -1});
  const flatbuffers::Offset<flatbuffers::Vector<std::int64_t>> zero_point(words.o);
  const auto scale = builder.CreateVector(std::vector<float>{1.0f / 256.0f});
  const auto parameters = schema::CreateQuantizationParameters(builder, scale, zero_point);
  const auto shape = builder.CreateVector(std::vector<std::int32_t>{1, 4});
  const std::vector tensors(2,
                            schema::CreateTensor(builder, shape, schema::TensorType::INT8, 0, 0, parameters));
  const auto first = builder.CreateVector(std::vector<std::int32_t>{0});
  const auto second = builder.CreateVector(std::vector<std::int32_t>{1});
  const std::vector ops{schema::CreateOperator(builder, 0, first, second)};
  const std::vector codes{schema::CreateOperatorCode(builder, kLogistic, 0, 1, kLogistic)};
  const auto tensor_vector = builder.CreateVector(tensors);
  const auto op_vector = builder.CreateVector(ops);
  const std::vector subgraphs{schema::CreateSubGraph(builder, tensor_vector, first, second, op_vector)};
  const auto code_vector = builder.CreateVector(codes);
  const auto subgraph_vector = builder.CreateVector(subgraphs);
  builder.Finish(schema::CreateModel(builder, 3, code_vector, subgraph_vector), schema::ModelIdentifier());
  std::vector<std::uint8_t> bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  bytes[bytes.size() - words.o] = 1;  // two words become one number
  return bytes;
}

TEST(Operators, ZeroPointsNeedNoAlignment) {
  for (const bool shift : {false, true}) {
    const auto graph = read_tflite(loosely_aligned_model(shift), "m.tflite");
    ASSERT_TRUE(graph.has_value()) << graph.error().text();
    EXPECT_EQ(graph->tensor(graph->outputs[0]).quantization.zero_point(), -128);
  }
}

}  // namespace
}  // namespace thimble::test
