// Channels that are constant or unread go where that is exact, and stay where it is not.
#include "thimble/rewrite/remove_channels.h"

#include "rewrite/planting.h"

namespace thimble::test {
namespace {

constexpr std::int64_t kBias = 3000;  // well off the zero point, within the type

/// Channels of `tensor` before the pass, and after it; the outputs must not differ.
std::int32_t channels_left(const Graph &before, TensorId tensor) {
  const Graph after = value_or_die(remove_channels(before));
  for (std::uint64_t seed = 1; seed <= 3; ++seed) expect_same_outputs(before, after, seed);
  return named(after, before.tensor(tensor).name).shape.back();
}

/// x -> pointwise convolution with 6 channels (`a`) -> whatever a test puts behind it.
struct Net {
  explicit Net(ElementType type = ElementType::int8, std::uint64_t seed = 7) : b(seed, type) {
    x = b.input({1, 6, 6, 4});
    a = b.conv_2d(x, 6, {1, 1});
  }
  Graph planted(TensorId output, std::int64_t bias) {
    Graph graph = b.build({output});
    plant_constant(graph, a, 2, bias);
    return graph;
  }
  GraphBuilder b;
  TensorId x, a;
};

TEST(RemoveChannels, AConstantBecomesABias) {
  Net net;
  const Graph before = net.planted(net.b.conv_2d(net.a, 5, {1, 1}), kBias);
  EXPECT_EQ(channels_left(before, net.a), 5);
  const Graph after = value_or_die(remove_channels(before));
  EXPECT_EQ(macs(before) - macs(after), 36 * (4 + 5));
  EXPECT_EQ(constant_bytes(before) - constant_bytes(after), 4 + 4 + 5);
}

TEST(RemoveChannels, AReaderWithoutBiasGetsOne) {
  for (const ElementType type : {ElementType::int8, ElementType::int16}) {
    Net net(type);
    FilterOptions plain;
    plain.bias = false;
    const TensorId y = net.b.conv_2d(net.a, 5, {1, 1}, {}, {}, {}, Activation::none, plain);
    EXPECT_EQ(channels_left(net.planted(y, kBias), net.a), 5);
    EXPECT_EQ(channels_left(net.planted(y, 0), net.a), 5) << "the zero point adds nothing";
  }
}

TEST(RemoveChannels, AtTheBorderOnlyTheZeroPointIsConstant) {
  Net net;
  const TensorId same = net.b.conv_2d(net.a, 5, {3, 3});
  EXPECT_EQ(channels_left(net.planted(same, kBias), net.a), 6);
  EXPECT_EQ(channels_left(net.planted(same, 0), net.a), 5);

  Net inner;
  const TensorId valid = inner.b.conv_2d(inner.a, 5, {3, 3}, {}, {}, PaddingRule::valid());
  EXPECT_EQ(channels_left(inner.planted(valid, kBias), inner.a), 5);
}

TEST(RemoveChannels, TapsThatNeverLeaveTheMapMayMeetAnyConstant) {
  Net net;
  const TensorId same = net.b.conv_2d(net.a, 5, {3, 3});
  Graph before = net.planted(same, kBias);
  edit_weights(before, maker(before, same),
               [](std::size_t, std::size_t tap, std::size_t channel, std::uint8_t &weight) {
                 if (channel == 2 && tap != 4) weight = 0;
               });
  EXPECT_EQ(channels_left(before, net.a), 5);
}

TEST(RemoveChannels, DepthwiseConvolutionsPassConstantsOn) {
  for (const bool padded : {false, true}) {
    Net net;
    const TensorId d = net.b.depthwise_conv_2d(net.a, 2, {3, 3}, {}, {},
                                               padded ? PaddingRule::same() : PaddingRule::valid());
    const TensorId y = net.b.conv_2d(d, 3, {1, 1});
    EXPECT_EQ(channels_left(net.planted(y, 0), d), 10) << padded;
    EXPECT_EQ(channels_left(net.planted(y, kBias), d), padded ? 12 : 10) << padded;
    EXPECT_EQ(channels_left(net.planted(y, kBias), net.a), padded ? 6 : 5) << padded;
  }
}

TEST(RemoveChannels, ADepthwiseConstantTakesItsInputWithIt) {
  Net net;
  const TensorId d = net.b.depthwise_conv_2d(net.a, 1, {3, 3});
  const TensorId y = net.b.conv_2d(d, 3, {1, 1});
  Graph before = net.b.build({y});
  plant_constant(before, d, 4, kBias);
  EXPECT_EQ(channels_left(before, d), 5);
  EXPECT_EQ(channels_left(before, net.a), 5);
}

TEST(RemoveChannels, ThroughPoolsMeansAndFlatteningIntoDenseLayers) {
  const auto dense = [](Net &net, TensorId x) { return net.b.fully_connected(x, 4); };
  {
    Net net;
    const TensorId y = dense(net, net.b.mean(net.a, {1, 2}));
    EXPECT_EQ(channels_left(net.planted(y, kBias), net.a), 5);
  }
  {
    Net net;
    const TensorId pooled = net.b.average_pool_2d(net.a, {3, 3}, {1, 1}, PaddingRule::same());
    const TensorId most = net.b.max_pool_2d(pooled, {2, 2}, {2, 2}, PaddingRule::valid(), Activation::relu);
    EXPECT_EQ(channels_left(net.planted(dense(net, most), kBias), net.a), 5);
  }
  {
    Net net;
    const TensorId flat = net.b.reshape(net.a, {1, 6 * 6 * 6});
    EXPECT_EQ(channels_left(net.planted(dense(net, flat), kBias), flat), 36 * 5);
  }
  {
    Net net;  // a dense layer that flattens by itself
    EXPECT_EQ(channels_left(net.planted(dense(net, net.a), kBias), net.a), 5);
  }
  {
    Net net;  // and one over the channels of every pixel
    const TensorId y = net.b.fully_connected(net.a, 4, Activation::none, true);
    EXPECT_EQ(channels_left(net.planted(y, kBias), net.a), 5);
  }
}

TEST(RemoveChannels, ResidualBranchesLoseChannelsOnBothSidesOrNone) {
  for (const bool subtract : {false, true}) {
    Net net;
    const TensorId other = net.b.conv_2d(net.x, 6, {1, 1});
    const TensorId sum = subtract ? net.b.sub(net.a, other) : net.b.add(net.a, other);
    const TensorId y = net.b.conv_2d(sum, 3, {1, 1});
    Graph before = net.planted(y, kBias);
    EXPECT_EQ(channels_left(before, net.a), 6) << "the other side is computed";
    plant_constant(before, other, 2, -kBias);
    EXPECT_EQ(channels_left(before, net.a), 5);
    EXPECT_EQ(channels_left(before, other), 5);
    EXPECT_EQ(channels_left(before, sum), 5);
  }
}

TEST(RemoveChannels, AProductWithZeroNeedsNeitherFactor) {
  Net net;
  const TensorId other = net.b.conv_2d(net.x, 6, {1, 1});
  const TensorId y = net.b.conv_2d(net.b.mul(net.a, other), 3, {1, 1});
  EXPECT_EQ(channels_left(net.planted(y, 0), other), 5);
  EXPECT_EQ(channels_left(net.planted(y, kBias), other), 6);
}

TEST(RemoveChannels, ConstantOperandsAreCutToo) {
  Net net;
  const TensorId per_channel = net.b.constant({6}, ElementType::int8);
  const TensorId scalar = net.b.constant({1}, ElementType::int8);
  const TensorId scaled = net.b.mul(net.b.add(net.a, per_channel), scalar);
  const TensorId y = net.b.conv_2d(scaled, 3, {1, 1});
  EXPECT_EQ(channels_left(net.planted(y, kBias), scaled), 5);
}

TEST(RemoveChannels, AGateOverChannelsIsCutWithThem) {
  Net net;
  const TensorId gate = net.b.conv_2d(net.b.mean(net.a, {1, 2}, true), 6, {1, 1});
  const TensorId gated = net.b.mul(net.a, gate);
  const TensorId y = net.b.conv_2d(gated, 3, {1, 1});
  Graph before = net.planted(y, 0);
  EXPECT_EQ(channels_left(before, net.a), 5);
  EXPECT_EQ(channels_left(before, gate), 5);
}

TEST(RemoveChannels, ConcatenationsAreCutWhereTheyRead) {
  Net net;
  const TensorId first = net.b.conv_2d(net.x, 3, {1, 1});
  const TensorId constant = net.b.constant({1, 6, 6, 2}, ElementType::int8);
  const TensorId joined = net.b.concatenation({first, net.a, constant}, 3);
  const TensorId y = net.b.conv_2d(joined, 3, {1, 1});
  Graph before = net.planted(y, kBias);
  plant_unread(before, y, 10);  // the second channel of the constant
  EXPECT_EQ(channels_left(before, joined), 9);
  EXPECT_EQ(channels_left(before, net.a), 5);
  EXPECT_EQ(channels_left(before, first), 3);
}

TEST(RemoveChannels, OperatorsThatMoveRowsAndColumns) {
  Net net;
  const TensorId padded = net.b.pad(net.a, {0, 1, 1, 0}, {0, 0, 1, 0});
  const TensorId larger = net.b.resize_nearest_neighbor(padded, 14, 16);
  StridedSlice slice;
  slice.begin = {0, 1, 2, 0};
  slice.stride = {1, 2, 1, 1};
  slice.extent = {1, 5, 9, 6};
  const TensorId sliced = net.b.strided_slice(larger, slice);
  const TensorId turned = net.b.transpose(sliced, {0, 2, 1, 3});
  const TensorId y = net.b.conv_2d(turned, 3, {1, 1});
  EXPECT_EQ(channels_left(net.planted(y, 0), turned), 5);
  EXPECT_EQ(channels_left(net.planted(y, kBias), turned), 6) << "PAD's zeros are another value";
}

TEST(RemoveChannels, OperatorsThatMixChannelsKeepThem) {
  const auto kept = [](auto &&behind) {
    Net net;
    const TensorId y = behind(net.b, net.a);
    EXPECT_EQ(channels_left(net.planted(y, kBias), net.a), 6);
  };
  kept([](GraphBuilder &b, TensorId a) { return b.softmax(a); });
  kept([](GraphBuilder &b, TensorId a) { return b.conv_2d(b.transpose(a, {0, 3, 1, 2}), 2, {1, 1}); });
  kept([](GraphBuilder &b, TensorId a) { return b.fully_connected(b.mean(a, {3}), 2); });
  kept([](GraphBuilder &b, TensorId a) {
    return b.conv_2d(b.pad(a, {0, 0, 0, 1}, {0, 0, 0, 0}), 2, {1, 1});
  });
  kept([](GraphBuilder &b, TensorId a) {
    FilterOptions grouped;
    grouped.groups = 2;
    return b.conv_2d(a, 4, {1, 1}, {}, {}, {}, Activation::none, grouped);
  });
}

TEST(RemoveChannels, EveryReaderMustDoWithout) {
  Net net;
  const TensorId pointwise = net.b.conv_2d(net.a, 5, {1, 1});
  const TensorId padded = net.b.conv_2d(net.a, 5, {3, 3});
  const TensorId y = net.b.add(pointwise, padded);
  EXPECT_EQ(channels_left(net.planted(y, kBias), net.a), 6);
  EXPECT_EQ(channels_left(net.planted(y, 0), net.a), 5);
}

TEST(RemoveChannels, NetworkOutputsAndInputsKeepTheirShape) {
  Net net;
  const TensorId y = net.b.conv_2d(net.a, 5, {1, 1});
  Graph before = net.b.build({y, net.a});
  plant_constant(before, net.a, 2, kBias);
  plant_constant(before, y, 1, kBias);
  plant_unread(before, net.a, 3);
  EXPECT_EQ(channels_left(before, net.a), 6);
  EXPECT_EQ(channels_left(before, y), 5);
  EXPECT_EQ(channels_left(before, net.x), 4);
}

TEST(RemoveChannels, ABiasThatWouldOverflowIsLeftAlone) {
  for (const std::int64_t end : {std::int64_t{2147483647}, std::int64_t{-2147483648}}) {
    Net net;
    const TensorId y = net.b.conv_2d(net.a, 5, {1, 1});
    Graph before = net.planted(y, kBias);
    const Graph folded = value_or_die(remove_channels(before));
    std::int64_t bias = 0, moved = 0;
    const TensorId old_bias = before.op(maker(before, y)).inputs[2];
    std::memcpy(&bias, before.tensor(old_bias).data->data(), 4);
    std::memcpy(&moved, named(folded, before.tensor(old_bias).name).data->data(), 4);
    const bool upwards = static_cast<std::int32_t>(moved) > static_cast<std::int32_t>(bias);
    ASSERT_NE(moved, bias);
    set_bias(before, maker(before, y), 0, end);
    EXPECT_EQ(channels_left(before, net.a), upwards == (end > 0) ? 6 : 5) << end;
  }
}

TEST(RemoveChannels, UnreadChannelsGoAndWhatOnlyTheyRead) {
  Net net;
  const TensorId d = net.b.depthwise_conv_2d(net.a, 1, {3, 3});
  const TensorId c = net.b.conv_2d(d, 5, {3, 3});
  const TensorId y = net.b.conv_2d(c, 3, {3, 3});
  Graph before = net.b.build({y});
  plant_unread(before, y, 1);
  EXPECT_EQ(channels_left(before, c), 4);
  EXPECT_EQ(channels_left(before, net.a), 6);
  edit_weights(before, maker(before, c),
               [](std::size_t output, std::size_t, std::size_t channel, std::uint8_t &weight) {
                 if (channel == 4 && output != 1) weight = 0;  // read by the unread one only
               });
  EXPECT_EQ(channels_left(before, d), 5);
  EXPECT_EQ(channels_left(before, net.a), 5);
}

TEST(RemoveChannels, ATensorKeepsOneChannel) {
  Net net;
  const TensorId y = net.b.conv_2d(net.a, 3, {1, 1});
  Graph before = net.b.build({y});
  for (std::int32_t c = 0; c < 6; ++c) plant_constant(before, net.a, c, 100 * c);
  EXPECT_EQ(channels_left(before, net.a), 1);
}

TEST(RemoveChannels, AVanishingMultiplierMakesAConstant) {
  Net net;
  const TensorId y = net.b.conv_2d(net.a, 5, {1, 1});
  Graph before = net.b.build({y});
  const OpId id = maker(before, net.a);
  // Below 2^-32 the reference multiplies by zero, whatever the sum is.
  before.tensors[static_cast<std::size_t>(before.op(id).inputs[1])].quantization.scales[2] = 1e-12f;
  set_bias(before, id, 2, 1 << 30);
  EXPECT_EQ(channels_left(before, net.a), 5);
}

TEST(RemoveChannels, SumsThatMayWrapProveNothing) {
  Net net;
  const TensorId y = net.b.conv_2d(net.a, 5, {1, 1});
  Graph before = net.b.build({y});
  set_bias(before, maker(before, net.a), 2, 2147483647);  // saturated, unless the sum wraps
  EXPECT_EQ(channels_left(before, net.a), 6);
  set_bias(before, maker(before, net.a), 2, 1 << 30);
  EXPECT_EQ(channels_left(before, net.a), 5);
}

TEST(RemoveChannels, WideSumsOf16Bits) {
  Net net(ElementType::int16);
  const TensorId y = net.b.conv_2d(net.a, 5, {1, 1});
  EXPECT_EQ(channels_left(net.planted(y, 1'000'000), net.a), 5);
}

TEST(RemoveChannels, FloatsStay) {
  Net net(ElementType::float32);
  const TensorId y = net.b.conv_2d(net.a, 5, {1, 1});
  Graph before = net.b.build({y});
  const TensorId weights = before.op(maker(before, net.a)).inputs[1];
  replace_bytes(before, weights, Bytes(before.tensor(weights).data->size()));
  EXPECT_EQ(channels_left(before, net.a), 6) << "0 * infinity is not 0";
}

}  // namespace
}  // namespace thimble::test
