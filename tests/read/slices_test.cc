// SPLIT, SPLIT_V and GATHER become slices: which elements each output has, and what is refused.
#include <gtest/gtest.h>

#include <numeric>

#include "read/reading.h"
#include "support/random.h"
#include "thimble/graph/interpret.h"

namespace thimble::test {
namespace {

using Ids = std::vector<std::int32_t>;

/// x -> one operator -> outputs, all of int32 without scales. x is tensor 0.
struct Model {
  ModelBuilder b;
  Ids outputs;

  Model(const Shape &x, const std::vector<Shape> &ys) {
    b.add_tensor("x", schema::TensorType::INT32, x);
    for (std::size_t i = 0; i < ys.size(); ++i)
      outputs.push_back(b.add_tensor("y" + std::to_string(i), schema::TensorType::INT32, ys[i]));
    b.ends({0}, outputs);
  }
  int list(const Ids &values) {
    return b.int32_constant("list", {static_cast<std::int32_t>(values.size())}, values);
  }
  int number(std::int32_t value) { return b.int32_constant("number", {}, {value}); }

  void split(int axis) { b.add_op(kSplit, {number(axis), 0}, outputs); }
  void split_v(const Ids &lengths, int axis) {
    const int list_id = list(lengths);
    b.add_op(kSplitV, {0, list_id, number(axis)}, outputs);
  }
  void gather(int indices, int axis, int batch_dims = 0) {
    schema::GatherOptionsT options;
    options.axis = axis;
    options.batch_dims = batch_dims;
    b.add_op(kGather, {0, indices}, outputs, options);
  }

  /// The outputs for x = 0, 1, 2, ...
  std::vector<Ids> run() const {
    const Graph graph = read_or_die(b);
    if (graph.inputs.empty()) return {};
    Ids x(static_cast<std::size_t>(graph.tensor(graph.inputs[0]).elements()));
    std::iota(x.begin(), x.end(), 0);
    const auto bytes = interpret_outputs(graph, {bytes_of(x)});
    EXPECT_TRUE(bytes.has_value());
    std::vector<Ids> values;
    for (const Bytes &of_one : bytes.value_or(std::vector<Bytes>())) {
      values.emplace_back(of_one.size() / 4);
      std::memcpy(values.back().data(), of_one.data(), of_one.size());
    }
    return values;
  }
};

std::string refusal(const ModelBuilder &model) {
  return one_line_for(model, {"as it is", [](ModelBuilder &) {}, ""});
}

TEST(Slices, SplitIsOneSlicePerOutput) {
  Model columns({2, 6}, {{2, 2}, {2, 2}, {2, 2}});
  columns.split(-1);
  EXPECT_EQ(columns.run(), (std::vector<Ids>{{0, 1, 6, 7}, {2, 3, 8, 9}, {4, 5, 10, 11}}));
  const Graph graph = read_or_die(columns.b);
  ASSERT_EQ(graph.ops.size(), 4u);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_TRUE(graph.ops[i].is<StridedSlice>());
    EXPECT_EQ(graph.ops[i].file_index, 0);
  }
  EXPECT_EQ(graph.tensors.size(), 4u) << "the axis is absorbed";
}

TEST(Slices, SplitVTakesLengthsAndOneIsWhatIsLeft) {
  for (const Ids &lengths : {Ids{1, 3, 2}, Ids{1, -1, 2}, Ids{1, 3, -1}}) {
    Model rows({6, 1}, {{1, 1}, {3, 1}, {2, 1}});
    rows.split_v(lengths, 0);
    EXPECT_EQ(rows.run(), (std::vector<Ids>{{0}, {1, 2, 3}, {4, 5}}));
  }
}

TEST(Slices, OutputsMayBeUnused) {
  Model model({4}, {{2}, {2}});
  model.split(0);
  model.b.ends({0}, {2});
  EXPECT_EQ(model.run(), (std::vector<Ids>{{2, 3}}));
}

TEST(Slices, TheOpenBatchIsSplitAsOne) {
  Model model({-1, 4}, {{-1, 2}, {-1, 2}});
  model.split(1);
  EXPECT_EQ(model.run(), (std::vector<Ids>{{0, 1}, {2, 3}}));
}

TEST(Slices, SplitsOfConstantsAreConstants) {
  ModelBuilder b;  // x + the second half of a constant, which is weights of FULLY_CONNECTED
  b.float32("x", {1, 2});
  b.float32("both", {4, 2});
  b.fill(1, bytes_of(std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}));
  b.float32("first", {2, 2});
  b.float32("second", {2, 2});
  b.float32("y", {1, 2});
  const int axis = b.int32_constant("axis", {}, {0});
  b.add_op(kSplit, {axis, 1}, {2, 3});
  b.add_op(kFullyConnected, {0, 3}, {4}, schema::FullyConnectedOptionsT());
  b.ends({0}, {4});
  const Graph graph = read_or_die(b);
  const Op &dense = graph.ops.back();
  ASSERT_TRUE(dense.is<FullyConnected>());
  EXPECT_EQ(*graph.tensor(dense.inputs[1]).data, bytes_of(std::vector<float>{5, 6, 7, 8}));
}

TEST(Slices, WrongSplitsAreRefused) {
  Model uneven({5}, {{2}, {2}});
  uneven.split(0);
  EXPECT_EQ(refusal(uneven.b),
            "m.tflite: operator 0 (SPLIT), tensor 'x': it cuts dimension 0 of 5 into 2 parts, which leaves a "
            "rest; the file is damaged or was made by a faulty exporter; export it again");
  Model axis({4}, {{2}, {2}});
  axis.split(1);
  EXPECT_NE(refusal(axis.b).find("axis 1 is not one of its input's 1"), std::string::npos);
  Model shape({4}, {{2}, {3}});
  shape.split(0);
  EXPECT_NE(refusal(shape.b).find("tensor 'y1': the file gives its output the shape [3]"), std::string::npos);
  Model sum({5}, {{2}, {2}});
  sum.split_v({2, 2}, 0);
  EXPECT_NE(refusal(sum.b).find("the lengths of its parts do not add up to the 5 of dimension 0"),
            std::string::npos);
  Model twice({5}, {{2}, {3}});
  twice.split_v({-1, -1}, 0);
  EXPECT_NE(refusal(twice.b).find("do not add up"), std::string::npos);
  Model fewer({5}, {{2}, {3}});
  fewer.split_v({5}, 0);
  EXPECT_NE(refusal(fewer.b).find("it has 2 outputs but the lengths of 1"), std::string::npos);
  Model empty({5}, {{5}, {0}});
  empty.split_v({5, 0}, 0);
  EXPECT_NE(refusal(empty.b).find("one of its parts is empty"), std::string::npos);
  Model none({4}, {{2}, {2}});
  none.split(0);
  none.b.op(0).outputs.clear();
  EXPECT_NE(refusal(none.b).find("it has 0 outputs instead of 1"), std::string::npos);
  Model same({4}, {{2}, {2}});
  same.split(0);
  same.b.op(0).outputs = {1, 1};
  same.b.ends({0}, {1});
  EXPECT_NE(refusal(same.b).find("also computed by"), std::string::npos);
}

TEST(Slices, GatherInStepsIsOneSlice) {
  struct Case {
    Ids indices;
    int begin, stride;
  };
  for (const Case &c : {Case{{0, 1, 2}, 0, 1}, Case{{1, 3, 5}, 1, 2}, Case{{4, 3, 2}, 4, -1}}) {
    Model model({6}, {{3}});
    model.gather(model.list(c.indices), 0);
    EXPECT_EQ(model.run(), std::vector<Ids>{c.indices});
    const Graph graph = read_or_die(model.b);
    ASSERT_EQ(graph.ops.size(), 2u);
    const auto &slice = graph.ops[1].as<StridedSlice>();
    EXPECT_EQ(slice.begin, Ids{c.begin});
    EXPECT_EQ(slice.stride, Ids{c.stride});
  }
}

TEST(Slices, GatherOfAnyOrder) {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    const std::int32_t length = random.integer(1, 9), count = random.integer(1, 7);
    Ids indices, expected;
    for (int i = 0; i < count; ++i) indices.push_back(random.integer(0, length - 1));
    for (int row = 0; row < 2; ++row) {
      for (const std::int32_t i : indices) {
        for (int k = 0; k < 3; ++k) expected.push_back((row * length + i) * 3 + k);
      }
    }
    Model model({2, length, 3}, {{2, count, 3}});
    model.gather(model.list(indices), -2);
    EXPECT_EQ(model.run(), std::vector<Ids>{expected});
  }
}

TEST(Slices, ShapeOfTheIndicesReplacesTheAxis) {
  Model number({2, 3}, {{2}});
  number.gather(number.number(1), 1);
  EXPECT_EQ(number.run(), (std::vector<Ids>{{1, 4}}));
  for (const std::int32_t batch : {2, -1}) {
    Model table({3, 2}, {{batch, 2, 2}});
    table.gather(table.b.int32_constant("table", {2, 2}, {0, 1, 2, 0}), 0);
    EXPECT_EQ(table.run(), (std::vector<Ids>{{0, 1, 2, 3, 4, 5, 0, 1}}));
  }
  Model wrong({3, 2}, {{4, 2}});
  wrong.gather(wrong.b.int32_constant("table", {2, 2}, {0, 1, 2, 0}), 0);
  EXPECT_NE(refusal(wrong.b).find("a shape that does not follow from its indices"), std::string::npos);
}

TEST(Slices, WrongGathersAreRefused) {
  for (const std::int32_t index : {-1, 3}) {
    Model outside({3}, {{1}});
    outside.gather(outside.list({index}), 0);
    EXPECT_NE(refusal(outside.b).find("lies outside of dimension 0 of 3"), std::string::npos);
  }
  Model batch({3, 3}, {{3, 1}});
  batch.gather(batch.list({0}), 1, 1);
  EXPECT_NE(refusal(batch.b).find("it gathers with other indices for each element of a batch"),
            std::string::npos);
  Model computed({3}, {{1}});
  const int indices = computed.b.add_tensor("i", schema::TensorType::INT32, {1});
  computed.gather(indices, 0);
  computed.b.ends({0, indices}, computed.outputs);
  EXPECT_NE(refusal(computed.b).find("its indices are computed at run time"), std::string::npos);
  Ids shuffled;
  for (int i = 0; i < 600; ++i) shuffled.push_back(i * i % 601);
  Model many({601}, {{600}});
  many.gather(many.list(shuffled), 0);
  EXPECT_NE(refusal(many.b).find("at most 256 are supported"), std::string::npos);
  Model axis({3}, {{1}});
  axis.gather(axis.list({0}), 1);
  EXPECT_NE(refusal(axis.b).find("axis 1 is not one of its input's 1"), std::string::npos);
}

}  // namespace
}  // namespace thimble::test
