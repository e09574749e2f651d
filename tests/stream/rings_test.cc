// What streams remember: in random networks against a stream that is carried out, and by hand.
#include "thimble/stream/rings.h"

#include <gtest/gtest.h>

#include <iostream>

#include "stream/step_simulator.h"
#include "stream/stream_graphs.h"

namespace thimble::test {
namespace {

using namespace thimble::stream;

struct Totals {
  int graphs = 0, multirate = 0, rings = 0, exact = 0, views = 0;
  std::int64_t elements = 0;
};

void step_through(const Graph &graph, Totals &totals) {
  const auto axes = follow_time(graph, 1);
  ASSERT_TRUE(axes) << axes.error().text();
  const auto rates = stream_rates(graph, *axes);
  ASSERT_TRUE(rates) << rates.error().text();
  const Rings rings = stream_rings(graph, *axes, *rates);
  const auto batch = interpret(graph, random_inputs(graph, 1));
  ASSERT_TRUE(batch);
  StepSimulator simulator(graph, *axes, *rates, rings);
  simulator.run(*batch);
  EXPECT_EQ(simulator.different, 0);
  EXPECT_GT(simulator.compared, 0);
  EXPECT_LE(rings.least_state_bytes, rings.state_bytes);
  ++totals.graphs;
  totals.multirate += rates->period > 1;
  totals.elements += simulator.compared;
  totals.views += static_cast<int>(std::count(rings.views.begin(), rings.views.end(), true));
  for (const Ring &ring : rings.rings) {
    const StepSimulator::Live live = simulator.live(ring.tensor);
    ++totals.rings;
    totals.exact += live.length == ring.length && live.kept == ring.kept;
    EXPECT_LE(live.length, ring.length) << "tensor " << ring.tensor;
    EXPECT_LE(live.kept, ring.kept) << "tensor " << ring.tensor;
  }
}

TEST(Rings, RandomStreamsGiveTheBatchsBytesOutOfThem) {
  for (const ElementType type : {ElementType::int8, ElementType::float32}) {
    Totals totals;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      StreamGraphOptions options;
      options.type = type;
      step_through(random_stream_graph(seed, options), totals);
    }
    std::cout << name_of(type) << ": " << totals.graphs << " graphs, " << totals.multirate << " multirate, "
              << totals.elements << " output elements, " << totals.rings << " rings, " << totals.exact
              << " as long as measured, " << totals.views << " views\n";
    EXPECT_GE(totals.multirate, 100);
    EXPECT_GE(totals.exact * 100, totals.rings * 95) << "longer than steps needed";
  }
}

// The simulation sees what is missing: one element less, of a ring or of what is kept, and bytes are wrong.
TEST(Rings, OneElementLessIsTooFew) {
  StreamGraphOptions options;
  options.type = ElementType::float32;  // no poison is rounded away
  options.even = true;
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Graph graph = random_stream_graph(seed, options);
    const TimeAxes axes = follow_time(graph, 1).value();
    const Rates rates = stream_rates(graph, axes).value();
    const Rings rings = stream_rings(graph, axes, rates);
    const auto batch = interpret(graph, random_inputs(graph, 1));
    const auto expect_wrong = [&](const Rings &fewer) {
      StepSimulator simulator(graph, axes, rates, fewer);
      simulator.run(*batch);
      EXPECT_GT(simulator.different, 0);
      ++changed;
    };
    for (std::size_t r = 0; r < rings.rings.size(); ++r) {
      SCOPED_TRACE("tensor " + std::to_string(rings.rings[r].tensor));
      Rings shorter = rings, forgetful = rings;
      --shorter.rings[r].length;
      --forgetful.rings[r].kept;
      if (rings.rings[r].length > 1) expect_wrong(shorter);
      if (rings.rings[r].kept > 0) expect_wrong(forgetful);
    }
  }
  EXPECT_GE(changed, 200);
}

// All operators fire as late as their slack allows: the outputs come when they did. One of them fires one
// step later than that: it is too late. Rings follow the firings, whenever they are.
TEST(Rings, FiringsCanBePutOffByTheirSlackAndNoMore) {
  StreamGraphOptions options;
  options.type = ElementType::float32;
  int put_off = 0, limits = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Graph graph = random_stream_graph(seed, options);
    const TimeAxes axes = follow_time(graph, 1).value();
    Rates latest = stream_rates(graph, axes).value();
    const std::vector<bool> views = stream_rings(graph, axes, latest).views;
    for (std::size_t o = 1; o < graph.ops.size(); ++o) {
      latest.tensors[static_cast<std::size_t>(graph.ops[o].output())].offset += latest.ops[o].slack;
    }
    const auto batch = interpret(graph, random_inputs(graph, 1));
    const auto is_right = [&](const Rates &rates) {
      const Rings rings = stream_rings(graph, axes, rates);
      StepSimulator simulator(graph, axes, rates, rings);
      simulator.run(*batch);
      return simulator.different == 0;
    };
    EXPECT_TRUE(is_right(latest));
    for (std::size_t o = 1; o < graph.ops.size(); ++o) {
      if (views[o] || latest.ops[o].slack == 0 || contains(graph.outputs, graph.ops[o].output())) continue;
      Rates later = latest;
      ++later.tensors[static_cast<std::size_t>(graph.ops[o].output())].offset;
      ++put_off;
      limits += is_right(later);
    }
  }
  std::cout << put_off << " put off by their slack, " << limits << " could be by more\n";
  EXPECT_GE(put_off, 100);
  EXPECT_EQ(limits, 0);
}

TEST(Rings, ACausalFilterRemembersItsTapsButOne) {
  GraphBuilder builder;
  const TensorId x = builder.input({1, 16, 1, 4});
  const TensorId y = causal_conv(builder, x, 8, 3, 1, 2);
  const Graph graph = builder.build({y});
  const TimeAxes axes = find_time(graph).value();
  const Rings rings = stream_rings(graph, axes, stream_rates(graph, axes).value());
  ASSERT_EQ(rings.rings.size(), 2u);
  EXPECT_EQ(rings.rings[0].length, 5) << "(3 - 1) * 2 + 1";
  EXPECT_EQ(rings.rings[0].kept, 4) << "the newest is the caller's";
  EXPECT_EQ(rings.rings[1].length, 1);
  EXPECT_EQ(rings.rings[1].kept, 0);
  EXPECT_EQ(rings.state_bytes, 4 * 4);
}

// y[t] = x[t] + f(x)[t + 1]: x waits for the other branch.
TEST(Rings, AJoinKeepsTheEarlierBranch) {
  GraphBuilder builder;
  const TensorId x = builder.input({1, 16, 1, 2});
  const TensorId f = builder.conv_2d(x, 2, {3, 1}, {}, {}, PaddingRule(Padding2D{1, 1, 0, 0}));
  const Graph graph = builder.build({builder.add(x, f)});
  const TimeAxes axes = find_time(graph).value();
  const Rates rates = stream_rates(graph, axes).value();
  const Rings rings = stream_rings(graph, axes, rates);
  EXPECT_EQ(rates.of(f).offset, 1);
  EXPECT_EQ(rings.rings[0].length, 3) << "the filter's, in which the add's element is";
  EXPECT_EQ(rings.state_bytes, 2 * 2);
}

// Two compressed vectors, one of them held for two steps: nothing is copied.
TEST(Rings, HeldAndJoinedTensorsAreViews) {
  GraphBuilder builder;
  const TensorId x = builder.input({1, 16, 1, 2});
  const TensorId half = causal_conv(builder, x, 6, 2, 2);
  const TensorId held = builder.resize_nearest_neighbor(half, 16, 1);
  const TensorId both = builder.concatenation({x, held}, 3);
  const Graph graph = builder.build({causal_conv(builder, both, 4, 2)});
  const TimeAxes axes = find_time(graph).value();
  const Rings rings = stream_rings(graph, axes, stream_rates(graph, axes).value());
  EXPECT_EQ(std::count(rings.views.begin(), rings.views.end(), true), 2);
  ASSERT_EQ(rings.rings.size(), 3u);
  EXPECT_EQ(rings.rings[0].kept, 1);
  EXPECT_EQ(rings.rings[1].tensor, half);
  EXPECT_EQ(rings.rings[1].length, 2) << "taps t-1 and t are of two elements when t is even";
  EXPECT_EQ(rings.rings[1].kept, 1);
  EXPECT_EQ(rings.state_bytes, 2 + 6);
}

TEST(Rings, AFewChannelsOfManyAreKeptAlone) {
  GraphBuilder builder;
  const TensorId x = builder.input({1, 16, 1, 8});
  const TensorId two = builder.strided_slice(x, {{0, 0, 0, 3}, {}, {1, 16, 1, 2}, {}});
  const Graph graph = builder.build({causal_conv(builder, two, 4, 4)});
  const TimeAxes axes = find_time(graph).value();
  const Rings rings = stream_rings(graph, axes, stream_rates(graph, axes).value());
  EXPECT_EQ(rings.state_bytes, 3 * 2);
}

}  // namespace
}  // namespace thimble::test
