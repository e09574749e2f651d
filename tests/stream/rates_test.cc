// Steps and offsets by hand, and the dense form of strided networks.
#include "thimble/stream/rates.h"

#include <gtest/gtest.h>

#include "stream/stream_graphs.h"
#include "thimble/stream/rings.h"

namespace thimble::test {
namespace {

using namespace thimble::stream;

Rates rates_of(const Graph &graph, StreamMode mode = StreamMode::scheduled) {
  return stream_rates(graph, follow_time(graph, 1).value(), mode).value();
}

TEST(Rates, StridesPaddingAndRepetition) {
  GraphBuilder b;
  const TensorId x = b.input({1, 24, 1, 2});
  const TensorId a = causal_conv(b, x, 4, 3, 2);
  const TensorId c = b.conv_2d(a, 4, {3, 1}, {}, {}, PaddingRule(Padding2D{1, 1, 0, 0}));
  const TensorId held = b.resize_nearest_neighbor(c, 24, 1);
  const TensorId y = b.add(causal_conv(b, x, 4, 1), held);
  const Graph graph = b.build({y});
  const Rates rates = rates_of(graph);
  EXPECT_EQ(rates.period, 2);
  EXPECT_EQ(rates.of(a).step, 2);
  EXPECT_EQ(rates.of(a).offset, 0);
  EXPECT_EQ(rates.of(a).oldest, -2);
  EXPECT_EQ(rates.of(c).offset, 2);
  EXPECT_EQ(rates.of(held).step, 1);
  EXPECT_EQ(rates.of(held).offset, 2);
  EXPECT_EQ(rates.of(held).oldest, -5) << "an odd element is the even one's, a step before";
  EXPECT_EQ(rates.of(y).offset, 2);
  EXPECT_EQ(rates.of(y).receptive_field(), 8);
}

TEST(Rates, LateFiltersFireInTheOtherPhase) {
  GraphBuilder b;
  const TensorId x = b.input({1, 24, 1, 2});
  const TensorId y = causal_conv(b, x, 4, 3, 2, 1, 1);  // one row of padding: waits for the next frame
  const Graph graph = b.build({y});
  const Rates rates = rates_of(graph);
  EXPECT_EQ(rates.of(y).offset, 1);
  EXPECT_EQ(rates.ops.back().step, 2);
  EXPECT_EQ(rates.ops.back().phase, 1);
}

TEST(Rates, ShiftsGiveSlack) {
  GraphBuilder b;
  const TensorId x = b.input({1, 24, 1, 2});
  const TensorId shifted = shift(b, x, 3);
  const TensorId deep = causal_conv(b, shifted, 2, 4);
  const Graph graph = b.build({b.add(x, deep)});
  const Rates rates = rates_of(graph);
  EXPECT_EQ(rates.of(deep).offset, -3);
  EXPECT_EQ(rates.of(graph.outputs[0]).offset, 0);
  EXPECT_EQ(rates.ops[3].slack, 3) << "the filter";
  EXPECT_EQ(rates.ops[4].slack, 0) << "the sum";
}

TEST(Rates, WhatDoesNotFitIsRefused) {
  {
    GraphBuilder b;
    const TensorId x = b.input({1, 24, 1, 2});
    const Graph graph = b.build({causal_conv(b, b.resize_nearest_neighbor(x, 48, 1), 2, 2)});
    const auto rates = stream_rates(graph, follow_time(graph, 1).value());
    ASSERT_FALSE(rates);
    EXPECT_NE(rates.error().text().find("every 1/2 frames"), std::string::npos) << rates.error().text();
  }
  {  // 12 elements each, but of other steps: the batch alone could join them.
    GraphBuilder b;
    const TensorId x = b.input({1, 24, 1, 2});
    const TensorId half = causal_conv(b, x, 2, 2, 2);
    const TensorId valid = b.conv_2d(x, 2, {13, 1}, {}, {}, PaddingRule::valid());
    const Graph graph = b.build({b.add(half, valid)});
    const auto rates = stream_rates(graph, follow_time(graph, 1).value());
    ASSERT_FALSE(rates);
    EXPECT_NE(
        rates.error().text().find("comes every 1 frames, and is joined with a tensor that comes every 2"),
        std::string::npos)
        << rates.error().text();
  }
  {
    GraphBuilder b;
    const TensorId x = b.input({1, 24, 1, 2});
    const TensorId held = b.resize_nearest_neighbor(causal_conv(b, x, 2, 2, 2), 24, 1);
    const Graph graph = b.build({causal_conv(b, held, 2, 2)});
    EXPECT_TRUE(stream_rates(graph, follow_time(graph, 1).value()));
    const auto dense = stream_rates(graph, follow_time(graph, 1).value(), StreamMode::dense);
    ASSERT_FALSE(dense);
    EXPECT_NE(dense.error().text().find("RESIZE_NEAREST_NEIGHBOR"), std::string::npos);
  }
}

/// The same weights with strides as dilations of what follows.
Graph strided_or_dilated(bool dilated, std::int32_t frames) {
  GraphBuilder b(5);
  TensorId x = b.input({1, frames, 1, 3});
  const std::int32_t s = dilated ? 1 : 2, d2 = dilated ? 2 : 1, d4 = dilated ? 4 : 1;
  const auto valid = PaddingRule::valid();
  x = b.conv_2d(x, 4, {3, 1}, {s, 1}, {}, valid);
  x = b.conv_2d(x, 4, {2, 1}, {}, {d2, 1}, valid);
  x = b.conv_2d(x, 4, {3, 1}, {s, 1}, {d2, 1}, valid);
  x = b.conv_2d(x, 2, {2, 1}, {}, {d4, 1}, valid);
  return b.build({x});
}

TEST(Rates, DenseStridesAreDilations) {
  const Graph strided = strided_or_dilated(false, 40), dilated = strided_or_dilated(true, 40);
  const TimeAxes strided_axes = follow_time(strided, 1).value(),
                 dilated_axes = follow_time(dilated, 1).value();
  const Rates scheduled = stream_rates(strided, strided_axes).value();
  const Rates dense = stream_rates(strided, strided_axes, StreamMode::dense).value();
  const Rates explicit_rates = stream_rates(dilated, dilated_axes).value();
  for (std::size_t o = 0; o < strided.ops.size(); ++o) {
    EXPECT_EQ(dense.ops[o].maps, explicit_rates.ops[o].maps) << o;
    const TensorRate &rate = dense.of(strided.ops[o].output());
    EXPECT_EQ(rate.step, 1);
    EXPECT_EQ(rate.spread, scheduled.of(strided.ops[o].output()).step);
    EXPECT_EQ(rate.offset, scheduled.of(strided.ops[o].output()).offset);
    EXPECT_EQ(rate.oldest, scheduled.of(strided.ops[o].output()).oldest);
  }
  const Rings of_dense = stream_rings(strided, strided_axes, dense);
  const Rings of_dilated = stream_rings(dilated, dilated_axes, explicit_rates);
  EXPECT_EQ(of_dense.state_bytes, of_dilated.state_bytes);
  EXPECT_EQ(of_dense.state_bytes, 2 * 3 + 2 * 4 + 4 * 4 + 4 * 4);
}

TEST(Rates, DenseStreamsHaveTheLatencyOfScheduledOnes) {
  StreamGraphOptions options;
  options.repeats = false;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Graph graph = random_stream_graph(seed, options);
    const TimeAxes axes = follow_time(graph, 1).value();
    const Rates scheduled = stream_rates(graph, axes).value();
    const Rates dense = stream_rates(graph, axes, StreamMode::dense).value();
    EXPECT_EQ(dense.period, 1);
    for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
      if (!axes.tensors[t].over_time()) continue;
      EXPECT_EQ(dense.tensors[t].offset, scheduled.tensors[t].offset);
      EXPECT_EQ(dense.tensors[t].oldest, scheduled.tensors[t].oldest);
      EXPECT_EQ(dense.tensors[t].spread, scheduled.tensors[t].step);
    }
    EXPECT_GE(stream_rings(graph, axes, dense).state_bytes, stream_rings(graph, axes, scheduled).state_bytes);
  }
}

// Each column of the dilated network is the last one of the strided network on the window that ends there.
TEST(Rates, DenseColumnsAreThoseOfSlidingWindows) {
  const std::int32_t frames = 30, field = 1 + 2 + 2 + 4 + 4;
  const Graph dilated = strided_or_dilated(true, frames), window = strided_or_dilated(false, field);
  const Rates dense = rates_of(window, StreamMode::dense);
  ASSERT_EQ(dense.of(window.outputs[0]).receptive_field(), field);
  const std::vector<Bytes> inputs = random_inputs(dilated, 3);
  const Bytes columns = interpret_outputs(dilated, inputs).value()[0];
  ASSERT_EQ(columns.size(), 2u * (frames - field + 1));
  for (std::int32_t t = field - 1; t < frames; ++t) {
    const auto begin = inputs[0].begin() + 3 * (t - field + 1);
    const Bytes one = interpret_outputs(window, {Bytes(begin, begin + 3 * field)}).value()[0];
    const auto column = columns.begin() + 2 * (t - dense.of(window.outputs[0]).offset);
    EXPECT_EQ(one, Bytes(column, column + 2)) << "frame " << t;
  }
}

}  // namespace
}  // namespace thimble::test
