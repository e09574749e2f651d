// Where networks can be compressed.
#include <gtest/gtest.h>

#include <limits>

#include "soi/networks.h"

namespace thimble::test {
namespace {

using soi::Exit;
using soi::Position;

std::string text_of(const std::vector<Position> &positions) {
  std::string text;
  for (const Position &position : positions)
    text += std::to_string(position.number) + ":" + soi::name_of(position.meets) + " ";
  return text;
}

TEST(Positions, UNetsHaveOnePerLevel) {
  for (const std::vector<std::int32_t> &channels :
       {std::vector<std::int32_t>{4, 4}, {6, 8, 10, 12, 12}, {16, 24, 32, 48, 64, 64, 64}}) {
    UNetOptions options;
    options.channels = channels;
    const Timeline net(u_net(options));
    const auto positions = net.positions();
    ASSERT_EQ(positions.size(), channels.size());
    std::int64_t macs = std::numeric_limits<std::int64_t>::max();
    for (std::size_t p = 0; p < positions.size(); ++p) {
      EXPECT_EQ(positions[p].number, static_cast<std::int32_t>(p + 1));
      EXPECT_EQ(positions[p].meets, Exit::join);
      EXPECT_LT(positions[p].macs, macs) << "levels nest";
      macs = positions[p].macs;
      if (p > 0) {
        EXPECT_TRUE(soi::within(positions[p], positions[p - 1]));
      }
    }
    EXPECT_EQ(positions[0].entry, net.graph.inputs[0]);
  }
}

TEST(Positions, ChainsEndAtTheHead) {
  GraphBuilder builder(1);
  TensorId x = builder.input({1, 32, 1, 4});
  for (int i = 0; i < 4; ++i) x = causal_conv(builder, x, 4, 3);
  const Timeline net(builder.build({x}));
  EXPECT_EQ(text_of(net.positions()), "1:head 2:head 3:head ") << "the last filter is the head";
}

TEST(Positions, ResidualBlocksAreJoinedWithWhatTheyRead) {
  GraphBuilder builder(1);
  TensorId x = causal_conv(builder, builder.input({1, 32, 1, 4}), 4, 3);
  for (int i = 0; i < 2; ++i) x = builder.add(x, causal_conv(builder, causal_conv(builder, x, 6, 3), 4, 3));
  const Timeline net(builder.build({builder.conv_2d(x, 2, {1, 1})}));
  EXPECT_EQ(text_of(net.positions()), "1:head 2:join 3:join ");
  const auto positions = net.positions();
  EXPECT_TRUE(soi::within(positions[1], positions[0]));
  EXPECT_FALSE(soi::within(positions[2], positions[1]));
  EXPECT_TRUE(soi::compatible(positions[1], positions[2])) << "one after the other";
}

TEST(Positions, PaddingInFrontOfFiltersLeavesLevelsWhereTheyAre) {
  int levels = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Timeline net(random_soi_network(seed, Family::vectors));
    const auto positions = net.positions();
    ASSERT_FALSE(positions.empty());
    for (const Position &position : positions) EXPECT_EQ(position.meets, Exit::join);
    levels += static_cast<int>(positions.size());
  }
  EXPECT_GT(levels, 40);
}

TEST(Positions, RegionsThatGetShorterAreNone) {
  GraphBuilder builder(1);
  TensorId x = builder.input({1, 32, 1, 4});
  for (int i = 0; i < 3; ++i) x = builder.conv_2d(x, 4, {3, 1}, {}, {}, PaddingRule::valid());
  const Timeline net(builder.build({x}));
  EXPECT_EQ(text_of(net.positions()), "1:head ") << "one filter alone ends where its output does";
}

TEST(Positions, ASecondWayOutMakesNoRegion) {
  GraphBuilder builder(1);
  const TensorId x = builder.input({1, 32, 1, 4});
  const TensorId a = causal_conv(builder, x, 4, 3), b = causal_conv(builder, a, 4, 3);
  const Timeline net(builder.build({causal_conv(builder, builder.concatenation({a, b}, 3), 2, 2)}));
  const auto positions = net.positions();
  // None from x to b: a is read inside and outside.
  ASSERT_EQ(text_of(positions), "1:head 2:join ");
  EXPECT_EQ(positions[0].entry, x);
  EXPECT_NE(positions[0].exit, b);
  EXPECT_EQ(positions[1].entry, a);
  EXPECT_EQ(positions[1].exit, b);
}

std::string refusal(const Timeline &net, std::vector<std::int32_t> numbers) {
  const auto chosen = soi::choose(net.timed(), net.positions(), numbers);
  if (chosen) return "accepted";
  EXPECT_EQ(chosen.error().lines.size(), 1u);
  return chosen.error().text();
}

TEST(Positions, BadPairsGiveOneLine) {
  UNetOptions options;
  options.channels = {4, 4, 4};
  const Timeline net(u_net(options));
  EXPECT_NE(refusal(net, {4}).find("has no position 4; its last is 3"), std::string::npos);
  EXPECT_NE(refusal(net, {0}).find("has no position 0"), std::string::npos);
  EXPECT_NE(refusal(net, {2, 2}).find("position 2 is there twice"), std::string::npos);
  EXPECT_NE(refusal(net, {}).find("no pair is named"), std::string::npos);
  GraphBuilder builder(1);
  const TensorId x = builder.input({1, 32, 1, 4});
  const Timeline none(builder.build({builder.logistic(builder.conv_2d(x, 4, {3, 1}))}));
  EXPECT_NE(refusal(none, {1}).find("no part with one way in"), std::string::npos);
}

}  // namespace
}  // namespace thimble::test
