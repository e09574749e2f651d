// Time through operators: axes that keep it, axes that share it, operators that mix it.
#include "thimble/stream/time_axis.h"

#include <gtest/gtest.h>

#include "stream/stream_graphs.h"

namespace thimble::test {
namespace {

using namespace thimble::stream;

void expect_refused(const Graph &graph, std::initializer_list<const char *> words,
                    std::optional<int> axis = 1) {
  const auto axes = find_time(graph, axis);
  ASSERT_FALSE(axes);
  for (const char *word : words) {
    EXPECT_NE(axes.error().text().find(word), std::string::npos) << axes.error().text() << "\nlacks " << word;
  }
}

TEST(TimeAxis, ReshapesAndTransposesKeepIt) {
  GraphBuilder b;
  const TensorId x = b.input({1, 20, 6});
  const TensorId wide = b.reshape(x, {1, 20, 1, 6});
  const TensorId filtered = b.conv_2d(wide, 4, {3, 1}, {2, 1}, {}, PaddingRule::valid());  // 9 rows
  const TensorId turned = b.transpose(filtered, {0, 3, 1, 2});
  const TensorId flat = b.reshape(b.transpose(turned, {2, 0, 1, 3}), {9 * 4});
  const TensorId apart = b.reshape(b.logistic(flat), {1, 9, 4});
  const Graph graph = b.build({apart});
  const auto axes = find_time(graph);
  ASSERT_TRUE(axes) << axes.error().text();
  EXPECT_EQ(axes->of(x), (TimeAxis{1, 1, 20}));
  EXPECT_EQ(axes->of(wide), (TimeAxis{1, 1, 20}));
  EXPECT_EQ(axes->of(filtered), (TimeAxis{1, 1, 9}));
  EXPECT_EQ(axes->of(turned), (TimeAxis{2, 1, 9}));
  EXPECT_EQ(axes->of(flat), (TimeAxis{0, 4, 9})) << "4 indices for each element";
  EXPECT_EQ(axes->of(apart), (TimeAxis{1, 1, 9}));
  EXPECT_EQ(axes->maps[2][0], (TimeMap{2, 1, 0, 3, false}));
}

TEST(TimeAxis, StackedFramesAreAStride) {
  GraphBuilder b;
  const TensorId x = b.input({1, 12, 5});
  const TensorId pairs = b.reshape(x, {1, 6, 10});
  const Graph graph = b.build({b.fully_connected(pairs, 3, Activation::none, true)});
  const auto axes = follow_time(graph, 1);
  ASSERT_TRUE(axes) << axes.error().text();
  EXPECT_EQ(axes->of(pairs), (TimeAxis{1, 1, 6}));
  EXPECT_EQ(axes->maps[1][0], (TimeMap{2, 1, 0, 2, false}));
}

TEST(TimeAxis, ValuesArriveInTheNetworksFrames) {
  GraphBuilder b;
  const TensorId x = b.input({1, 60});
  const TensorId map = b.reshape(x, {1, 12, 5, 1});
  const Graph graph = b.build({b.conv_2d(map, 2, {3, 2}, {}, {}, PaddingRule::valid())});
  const auto axes = find_time(graph);
  ASSERT_TRUE(axes) << axes.error().text();
  EXPECT_EQ(axes->of(x), (TimeAxis{1, 5, 12}));
  EXPECT_EQ(axes->of(map), (TimeAxis{1, 1, 12}));
  EXPECT_EQ(axes->maps[1][0], TimeMap{});
  EXPECT_EQ(follow_time(graph, 1)->maps[1][0], (TimeMap{5, 1, 0, 5, false})) << "value by value";
  EXPECT_FALSE(follow_time(graph, 1, 7));
}

TEST(TimeAxis, HeadsAreWindows) {
  for (int head = 0; head < 5; ++head) {
    GraphBuilder b;
    const TensorId x = b.input({1, 10, 1, 4});
    const TensorId y = causal_conv(b, x, 3, 3);
    TensorId z = kNone;
    if (head == 0) z = b.mean(y, {1, 2});
    if (head == 1) z = b.reshape(b.mean(y, {1, 2}, true), {1, 3});
    if (head == 2) z = b.reshape(b.average_pool_2d(y, {10, 1}, {10, 1}), {1, 3});
    if (head == 3) z = b.reshape(b.max_pool_2d(y, {10, 1}, {10, 1}), {1, 3});
    if (head == 4) z = b.reshape(y, {1, 30});
    const TensorId classes = b.softmax(b.fully_connected(z, 2));
    const Graph graph = b.build({classes});
    const auto axes = find_time(graph);
    ASSERT_TRUE(axes) << axes.error().text();
    EXPECT_EQ(axes->of(classes), (TimeAxis{kNone, 1, 1})) << head;
    int windows = 0;
    for (const auto &maps : axes->maps) {
      for (const auto &map : maps) windows += map && *map == TimeMap{1, 1, 0, 10, true};
    }
    EXPECT_EQ(windows, 1) << head;
  }
}

TEST(TimeAxis, TheLastElementIsAWindow) {
  GraphBuilder b;
  const TensorId x = b.input({1, 10, 4});
  const TensorId last = b.strided_slice(x, {{0, 9, 0}, {}, {1, 1, 4}, {false, true, false}});
  const Graph graph = b.build({b.fully_connected(last, 2)});
  const auto axes = find_time(graph, 1);
  ASSERT_TRUE(axes) << axes.error().text();
  EXPECT_EQ(axes->maps[1][0], (TimeMap{1, 1, 9, 1, true}));
}

TEST(TimeAxis, SeveralCandidatesAreListed) {
  GraphBuilder b;
  const Graph graph = b.build({b.conv_2d(b.input({1, 8, 9, 3}), 4, {3, 3})});
  EXPECT_EQ(time_candidates(graph), (std::vector<int>{1, 2})) << "not the channels, which are summed at once";
  expect_refused(graph, {"'x0'", "1 (8 elements), 2 (9 elements)", "say which axis"}, {});
  EXPECT_TRUE(find_time(graph, 2));
}

TEST(TimeAxis, WhatMixesTimeIsNamed) {
  {
    GraphBuilder b;
    const TensorId x = b.input({1, 4, 8});
    expect_refused(b.build({b.softmax(b.transpose(x, {0, 2, 1}))}), {"SOFTMAX", "'t1'", "all of time"});
  }
  {
    GraphBuilder b;
    const TensorId x = b.input({1, 8, 4});
    expect_refused(b.build({b.strided_slice(x, {{0, 7, 0}, {1, -1, 1}, {1, 8, 4}, {}})}),
                   {"STRIDED_SLICE", "'x0'", "backwards"});
  }
  {
    GraphBuilder b;
    const TensorId x = b.input({1, 4, 6});
    expect_refused(b.build({b.reshape(x, {1, 3, 8})}), {"RESHAPE", "'x0'", "mixes"});
    expect_refused(b.build({b.reshape(x, {1, 24})}), {"RESHAPE", "'x0'", "below another axis"}, 2);
  }
  {
    GraphBuilder b;
    const TensorId x = b.input({1, 8, 1, 4});
    expect_refused(b.build({b.concatenation({x, b.logistic(x)}, 1)}), {"CONCATENATION", "along time"});
  }
  {
    GraphBuilder b;
    const TensorId x = b.input({1, 8, 1, 4});
    const TensorId gate = b.logistic(b.mean(x, {1, 2}, true));
    expect_refused(b.build({b.mul(x, gate)}), {"MUL", "joined"});
  }
  {
    GraphBuilder b;
    const TensorId x = b.input({1, 8, 4});
    const TensorId place = b.constant({1, 8, 4}, ElementType::int8);
    expect_refused(b.build({b.add(x, place)}), {"ADD", "'c1'", "another value for each element of time"});
  }
}

TEST(TimeAxis, WithoutAnAxisEachOneHasItsReason) {
  GraphBuilder b;
  const TensorId x = b.input({1, 8, 4});
  const Graph graph = b.build({b.fully_connected(x, 3)});
  const auto axes = find_time(graph);
  ASSERT_FALSE(axes);
  EXPECT_EQ(axes.error().lines.size(), 2u);
  expect_refused(graph, {"axis 1 of the input", "axis 2 of the input", "before all of the axis is there"},
                 {});
  EXPECT_TRUE(find_time(graph, 1)) << "as one window, if it has to be";
  expect_refused(graph, {"has no axis 3"}, 3);
}

TEST(TimeAxis, OneInputIsNeeded) {
  GraphBuilder b;
  const TensorId x = b.input({1, 8, 4}), y = b.input({1, 8, 4});
  expect_refused(b.build({b.add(x, y)}), {"2 inputs"}, {});
}

}  // namespace
}  // namespace thimble::test
