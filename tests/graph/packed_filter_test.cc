// Which filters can be packed exactly, and how much they take.
#include "thimble/graph/packed_filter.h"

#include <gtest/gtest.h>

#include "support/graph_builder.h"

namespace thimble::test {
namespace {

/// A pointwise convolution of 8 inputs with these weights in each output, and a scale of its own.
Graph filter(std::vector<std::int8_t> weights, std::int32_t outputs = 4, float output_scale = 1.0f,
             std::int32_t inputs = 8) {
  GraphBuilder b(1);
  const TensorId x = b.input({1, 2, 2, inputs}, ElementType::int8, 0.02f, 3);
  const TensorId y = b.conv_2d(x, outputs, {1, 1});
  Graph graph = b.build({y});
  graph.tensors[static_cast<std::size_t>(y)].quantization.scales = {output_scale};
  const Op &op = graph.ops.back();
  Tensor &w = graph.tensors[static_cast<std::size_t>(op.inputs[1])];
  std::vector<std::uint8_t> bytes(w.data->size());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(weights[i / static_cast<std::size_t>(inputs) % weights.size()]);
  w.data = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  w.quantization = {{0.01f}, {0}, 0};
  Tensor &bias = graph.tensors[static_cast<std::size_t>(op.inputs[2])];
  bias.data = std::make_shared<const std::vector<std::uint8_t>>(bias.data->size(), std::uint8_t{0});
  bias.quantization = {{0.0002f}, {0}, 0};
  return graph;
}

bool packs(const Graph &graph, FilterPacking packing) {
  return can_pack(graph, graph.ops.back(), packing);
}

TEST(PackedFilter, WeightsThatShareHalfwordsMustFit) {
  EXPECT_TRUE(packs(filter({-127, 127}), FilterPacking::octets));
  EXPECT_TRUE(packs(filter({1, -128}), FilterPacking::octets)) << "256 * -128 + 1 is a halfword";
  EXPECT_FALSE(packs(filter({-1, -128}), FilterPacking::octets)) << "256 * -128 - 1 is none";
  EXPECT_FALSE(packs(filter({-1, -128}), FilterPacking::quads));
  EXPECT_TRUE(packs(filter({-1, -128}), FilterPacking::wide_quads));
  EXPECT_TRUE(packs(filter({-128, -1}), FilterPacking::octets)) << "the even channel may have it";
}

TEST(PackedFilter, SumsThatShareWordsMustFit) {
  // Inputs less their zero point are 131 at most, and 131 * 127 * 505 is just above 2^23.
  EXPECT_TRUE(packs(filter({127}, 4, 1.0f, 500), FilterPacking::quads));
  EXPECT_FALSE(packs(filter({127}, 4, 1.0f, 508), FilterPacking::quads));
  EXPECT_TRUE(packs(filter({127}, 4, 1.0f, 508), FilterPacking::wide_quads));
  EXPECT_TRUE(packs(filter({127, 1}, 4, 1.0f, 508), FilterPacking::quads))
      << "even channels have words of their own";
}

TEST(PackedFilter, ScalesAreShiftsToTheRight) {
  EXPECT_TRUE(packs(filter({5}, 4, 0.001f), FilterPacking::octets));
  EXPECT_FALSE(packs(filter({5}, 4, 0.0002f), FilterPacking::octets)) << "a scale of 1";
  EXPECT_FALSE(packs(filter({5}, 4, 10000.0f), FilterPacking::octets)) << "2^-25";
}

/// With a scale for each channel, after a ReLU or not.
Graph scaled(std::vector<float> scales, bool relu) {
  Graph graph = filter({5}, static_cast<std::int32_t>(scales.size()), 0.0002f);
  const Op &op = graph.ops.back();
  Tensor &weights = graph.tensors[static_cast<std::size_t>(op.inputs[1])];
  weights.quantization.scales = scales;
  weights.quantization.zero_points.assign(scales.size(), 0);
  graph.tensors[static_cast<std::size_t>(op.inputs[2])].quantization.scales.assign(scales.size(), 0.0f);
  graph.tensors[static_cast<std::size_t>(op.output())].quantization.zero_points = {relu ? -128 : 0};
  return graph;
}

TEST(PackedFilter, LargeScalesAreInWideWeights) {
  const std::vector<float> half{0.006f, 0.001f, 0.006f, 0.001f};   // 0.6 and 0.1
  const std::vector<float> three{0.03f, 0.001f, 0.001f, 0.001f};   // 3: two to the left
  const std::vector<float> hundred{1.5f, 0.001f, 0.001f, 0.001f};  // 150: eight to the left
  for (const FilterPacking packing : {FilterPacking::octets, FilterPacking::wide_octets})
    EXPECT_TRUE(packs(scaled(half, true), packing));
  EXPECT_FALSE(packs(scaled(half, false), FilterPacking::wide_octets)) << "the sign of the sum counts";
  EXPECT_FALSE(packs(scaled(three, true), FilterPacking::octets)) << "channels share halfwords";
  EXPECT_TRUE(packs(scaled(three, true), FilterPacking::wide_octets));
  EXPECT_FALSE(packs(scaled(hundred, true), FilterPacking::wide_octets)) << "no halfword any more";
}

TEST(PackedFilter, NegativeScalesTurnTheSign) {
  EXPECT_TRUE(packs(scaled({0.001f, -0.001f}, true), FilterPacking::octets));
  EXPECT_FALSE(packs(scaled({0.001f, -0.001f}, false), FilterPacking::octets))
      << "the sign of the sum counts";
}

TEST(PackedFilter, ChannelsThatNeverMoveAreConstant) {
  // 8 * 131 * 5 / 2^25 is nothing, whatever the input.
  const Graph graph = scaled({0.001f, 3e-10f, -0.001f, 0.001f}, true);
  EXPECT_TRUE(packs(graph, FilterPacking::octets));
  const PackedFilter packed = pack_filter(graph, graph.ops.back(), FilterPacking::quads);
  const auto multiplier = [&](std::size_t channel) {
    return packed.words[static_cast<std::size_t>(packed.group_words) - 3 * (4 - channel)];
  };
  EXPECT_GT(multiplier(0), 0);
  EXPECT_EQ(multiplier(1), 0);
  EXPECT_LT(multiplier(2), 0) << "a negative scale is no small one";
}

TEST(PackedFilter, DepthwiseFiltersHaveTheirOwn) {
  GraphBuilder b(2);
  const TensorId x = b.input({1, 5, 5, 6});
  const Graph graph = b.build({b.depthwise_conv_2d(x, 1, {3, 3})});
  EXPECT_TRUE(packs(graph, FilterPacking::taps));
  EXPECT_TRUE(packs(graph, FilterPacking::strips));
  EXPECT_FALSE(packs(graph, FilterPacking::octets));
  GraphBuilder narrow(3);
  EXPECT_FALSE(packs(narrow.build({narrow.depthwise_conv_2d(narrow.input({1, 5, 5, 3}), 1, {3, 3})}),
                     FilterPacking::taps))
      << "fewer than four channels";
  GraphBuilder more(4);
  const Graph shared = more.build({more.depthwise_conv_2d(more.input({1, 5, 5, 6}), 2, {3, 3})});
  EXPECT_TRUE(packs(shared, FilterPacking::taps));
  EXPECT_FALSE(packs(shared, FilterPacking::strips)) << "outputs share input channels";
}

TEST(PackedFilter, StripsDownAreStripsOfTheTurnedFilter) {
  const auto built = [] {
    GraphBuilder b(2);
    return b.build({b.depthwise_conv_2d(b.input({1, 5, 5, 6}), 1, {3, 3})});
  };
  const Graph graph = built();
  Graph turned = built();
  Tensor &weights = turned.tensors[static_cast<std::size_t>(turned.ops.back().inputs[1])];
  std::vector<std::uint8_t> bytes(weights.data->size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t tap = i / 6;
    bytes[(tap % 3 * 3 + tap / 3) * 6 + i % 6] = (*weights.data)[i];
  }
  weights.data = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  const auto words = [](const Graph &of, FilterPacking packing) {
    return pack_filter(of, of.ops.back(), packing).words;
  };
  EXPECT_EQ(words(graph, FilterPacking::strips_down), words(turned, FilterPacking::strips));
  EXPECT_NE(words(graph, FilterPacking::strips_down), words(graph, FilterPacking::strips));
}

TEST(PackedFilter, RowsOfAWindowTakeTurns) {
  GraphBuilder b(5);
  const TensorId x = b.input({1, 6, 6, 3});
  const Graph graph = b.build({b.conv_2d(x, 7, {2, 3})});
  const Op &op = graph.ops.back();
  ASSERT_TRUE(packs(graph, FilterPacking::wide_rows));
  EXPECT_EQ(packed_depth(graph, op, FilterPacking::wide_rows), 2 * 10) << "9 inputs of a row are filled up";
  const PackedFilter packed = pack_filter(graph, op, FilterPacking::wide_rows);
  EXPECT_EQ(packed.group_words, 4 + 10 * 4 + (packed.kind == ScaleKind::common ? 3 : 12));
  const auto weight = [&](std::int32_t channel, std::int32_t row, std::int32_t input) {
    const auto *data = reinterpret_cast<const std::int8_t *>(graph.tensor(op.inputs[1]).data->data());
    return input < 9 ? data[(channel * 2 + row) * 9 + input] : 0;
  };
  // The last group has the last four channels.
  for (std::int32_t group = 0; group < 2; ++group) {
    for (std::int32_t i = 0; i < 10 * 4; ++i) {
      const std::int32_t channel = 3 * group + i % 4, row = i / 4 % 2, input = i / 8 * 2;
      const auto word = static_cast<std::uint32_t>(
          packed.words[static_cast<std::size_t>(group * packed.group_words + 4 + i)]);
      EXPECT_EQ(static_cast<std::int16_t>(word & 0xFFFFu), 2 * weight(channel, row, input));
      EXPECT_EQ(static_cast<std::int16_t>(word >> 16), 2 * weight(channel, row, input + 1));
    }
  }
}

TEST(PackedFilter, ChannelsOfALastGroupShareHalfwordsAnew) {
  // The last group of seven channels is 3 to 6: the fourth stands in an odd place and in an even one.
  GraphBuilder b(6);
  const TensorId x = b.input({1, 6, 6, 3}, ElementType::int8, 0.02f, 3);
  Graph graph = b.build({b.conv_2d(x, 7, {3, 3})});
  Tensor &weights = graph.tensors[static_cast<std::size_t>(graph.ops.back().inputs[1])];
  Bytes bytes(weights.data->size(), std::uint8_t{1});
  const auto set = [&](std::int32_t channel, std::uint8_t value) {
    bytes[static_cast<std::size_t>(channel * 27)] = value;
    weights.data = std::make_shared<const Bytes>(bytes);
  };
  set(0, 1);
  EXPECT_TRUE(packs(graph, FilterPacking::rows));
  set(3, 0xFF), set(4, 0x80);
  EXPECT_TRUE(packs(graph, FilterPacking::quads)) << "channels 4 and 5, 6";
  EXPECT_FALSE(packs(graph, FilterPacking::rows)) << "256 * -128 - 1 is no halfword";
}

TEST(PackedFilter, GroupsAreFilledUp) {
  const Graph graph = filter({3, -4, 5}, 9);
  const PackedFilter octets = pack_filter(graph, graph.ops.back(), FilterPacking::octets);
  // Two groups: 8 sums, 2 fours of inputs with 8 words each, one scale for all channels.
  EXPECT_EQ(octets.group_words, 8 + 2 * 8 + 3);
  EXPECT_EQ(octets.words.size(), static_cast<std::size_t>(2 * octets.group_words));
  EXPECT_EQ(octets.kind, ScaleKind::common);
  const PackedFilter wide = pack_filter(graph, graph.ops.back(), FilterPacking::wide_octets);
  EXPECT_EQ(wide.group_words, 8 + 2 * 16 + 3) << "twice the weights";
}

}  // namespace
}  // namespace thimble::test
