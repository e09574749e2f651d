// Compressed networks: against those built by hand, as streams, and what they cost.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>

#include "soi/networks.h"
#include "stream/run_schedule.h"
#include "stream/step_simulator.h"
#include "thimble/read/tflite.h"
#include "thimble/rewrite/fold_padding.h"
#include "thimble/soi/cost.h"
#include "thimble/write/tflite.h"

namespace thimble::test {
namespace {

using soi::Pairs;

Graph compressed(const Timeline &net, const Pairs &pairs) {
  auto made = soi::compress(net.timed(), net.positions(), pairs);
  EXPECT_TRUE(made) << made.error().text();
  return made ? std::move(made->graph) : Graph{};
}

Bytes output_of(const Graph &graph, const std::vector<Bytes> &inputs) {
  return interpret_outputs(graph, inputs).value()[0];
}

// The builder draws the same weights for a U-Net with pairs and for one without.
TEST(Transform, UNetsAreThoseBuiltByHand) {
  for (const std::vector<std::int32_t> &numbers :
       {std::vector<std::int32_t>{1}, {2}, {3}, {4}, {1, 3}, {2, 3}, {1, 2, 4}}) {
    for (const std::int32_t shift : {0, 1, 2, 4}) {
      SCOPED_TRACE(testing::PrintToString(numbers) + " shift " + std::to_string(shift));
      UNetOptions options{{6, 8, 6, 4}, {}, 0, 0, 4, 48};
      const Timeline net(u_net(options));
      options.compressed = numbers;
      options.shift = shift;
      const Graph by_hand = u_net(options);
      const Graph graph = compressed(net, {numbers, shift});
      const auto inputs = random_inputs(graph, 3);
      EXPECT_EQ(output_of(graph, inputs), output_of(by_hand, inputs));
      EXPECT_NE(output_of(graph, inputs), output_of(net.graph, inputs));
    }
  }
}

double share(double part, double whole) {
  return std::round(1000.0 * part / whole) / 10.0;
}

TEST(Transform, SevenLevelUNetsCostWhatTheirPairsSave) {
  const Timeline net(u_net(seven_levels()));
  const auto full = soi::stream_cost(net.graph, 1);
  ASSERT_TRUE(full);
  EXPECT_EQ(full->peak, 90'440);
  struct Row {
    std::vector<std::int32_t> pairs;
    double average, critical;
  };
  const std::vector<Row> rows = {{{1}, 50.0, 0.1},    {{2}, 50.5, 1.1},    {{3}, 52.0, 4.0},
                                 {{4}, 55.0, 10.0},   {{5}, 60.9, 21.9},   {{6}, 72.8, 45.7},
                                 {{7}, 88.7, 77.4},   {{1, 3}, 26.1, 0.1}, {{2, 4}, 28.0, 1.1},
                                 {{1, 5}, 30.5, 0.1}, {{3, 6}, 38.4, 4.0}, {{1, 2, 3}, 13.3, 0.1}};
  std::cout << "pairs   average %  PP critical %  FP critical %  FP peak %  state B\n";
  for (const Row &row : rows) {
    SCOPED_TRACE(soi::pairs_text(row.pairs));
    const auto pp = soi::stream_cost(compressed(net, {row.pairs, 0}), 1);
    const auto fp = soi::stream_cost(compressed(net, {row.pairs, 1}), 1);
    ASSERT_TRUE(pp && fp);
    EXPECT_EQ(share(pp->average, 90'440), row.average);
    EXPECT_EQ(pp->peak, 90'440);
    EXPECT_EQ(pp->critical, 90'440);
    EXPECT_EQ(pp->period, std::int64_t{1} << row.pairs.size());
    EXPECT_EQ(pp->latency, 0);
    EXPECT_EQ(share(fp->average, 90'440), row.average);
    EXPECT_EQ(share(static_cast<double>(fp->critical), 90'440), row.critical);
    EXPECT_EQ(fp->latency, 0);
    std::cout << soi::pairs_text(row.pairs) << "\t" << share(pp->average, 90'440) << "\t"
              << share(static_cast<double>(pp->critical), 90'440) << "\t"
              << share(static_cast<double>(fp->critical), 90'440) << "\t"
              << share(static_cast<double>(fp->peak), 90'440) << "\t" << fp->state_bytes << "\n";
  }
}

/// Step by step in rings of the computed lengths, and as a schedule in its own memory.
void expect_streams(const Graph &graph, std::int64_t &compared) {
  const auto axes = stream::find_time(graph, 1);
  ASSERT_TRUE(axes) << axes.error().text();
  const auto rates = stream::stream_rates(graph, *axes);
  ASSERT_TRUE(rates) << rates.error().text();
  const stream::Rings rings = stream::stream_rings(graph, *axes, *rates);
  StepSimulator simulator(graph, *axes, *rates, rings);
  simulator.run(interpret(graph, random_inputs(graph, 5)).value());
  EXPECT_EQ(simulator.different, 0);
  const auto plan = plan_along_rows(graph);
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->output_period, 1) << "an output with each frame";
  const Compared schedule = run_schedule(*plan, plan->schedule);
  EXPECT_GT(schedule.elements, 0);
  EXPECT_EQ(schedule.different, 0);
  compared += simulator.compared + schedule.elements;
}

TEST(Transform, StreamsGiveTheBatchsBytesFromTheFirstFrameOn) {
  for (const Family family : kFamilies) {
    std::int64_t compared = 0;
    int networks = 0, nested = 0, skips = 0;
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
      const ElementType type = seed % 4 == 3   ? ElementType::float32
                               : seed % 4 == 2 ? ElementType::int16
                                               : ElementType::int8;
      SCOPED_TRACE("family " + std::to_string(static_cast<int>(family)) + " seed " + std::to_string(seed));
      const Timeline net(random_soi_network(seed, family, type));
      const auto positions = net.positions();
      if (positions.empty()) continue;
      Random random(seed);
      Pairs pairs{some_pairs(positions, random)};
      pairs.shift = random.integer(0, 3);
      pairs.factor = random.chance(70) ? 2 : 3;
      if (random.chance(25)) pairs.extrapolation = soi::Extrapolation::linear;
      SCOPED_TRACE(soi::pairs_text(pairs.numbers) + " shift " + std::to_string(pairs.shift) + " factor " +
                   std::to_string(pairs.factor) + " " + soi::name_of(pairs.extrapolation));
      const auto made = soi::compress(net.timed(), positions, pairs);
      ASSERT_TRUE(made) << made.error().text();
      expect_streams(made->graph, compared);
      ++networks;
      nested += pairs.numbers.size() > 1;
      for (const soi::CompressedRegion &region : made->regions) skips += region.fresh_skip;
    }
    std::cout << networks << " networks, " << nested << " of several pairs, " << skips << " fresh skips, "
              << compared << " output elements\n";
    EXPECT_GE(networks, 18);
    EXPECT_GE(nested, family == Family::residual ? 3 : 6);
    if (family == Family::chain) {
      EXPECT_GE(skips, 6);
    }
  }
}

TEST(Transform, FilesOfCompressedNetworksReadAsThey) {
  int written = 0, refused = 0;
  for (const Family family : kFamilies) {
    for (std::uint64_t seed = 200; seed < 220; ++seed) {
      SCOPED_TRACE("family " + std::to_string(static_cast<int>(family)) + " seed " + std::to_string(seed));
      const Timeline net(random_soi_network(seed, family));
      const auto positions = net.positions();
      if (positions.empty()) continue;
      Random random(seed);
      const auto made =
          soi::compress(net.timed(), positions, {some_pairs(positions, random), random.integer(0, 2)});
      ASSERT_TRUE(made);
      const auto bytes = write_tflite(made->graph);
      ++(bytes ? written : refused);  // pools padded before the map alone
      if (!bytes) continue;
      const auto back = fold_padding(read_tflite(*bytes, "written.tflite").value()).value();
      const Graph meant = fold_padding(made->graph).value();
      ASSERT_EQ(back.ops.size(), meant.ops.size());
      for (std::size_t o = 0; o < meant.ops.size(); ++o)
        EXPECT_TRUE(back.ops[o].attributes == meant.ops[o].attributes) << name_of(meant.ops[o]);
      const auto inputs = random_inputs(meant, seed);
      EXPECT_EQ(output_of(back, inputs), output_of(made->graph, inputs));
    }
  }
  std::cout << written << " written, " << refused << " refused\n";
  EXPECT_GE(written, 30);
}

// Frames come one by one although filters of strides 2 and 4 are within: an output with each of them.
TEST(Transform, OneFrameStepsThroughStrideFourWithNestedHolds) {
  for (const std::int32_t shift : {0, 1}) {
    const Timeline net(u_net({{6, 8, 10, 12, 12}, {}, 0, 0, 4, 48}));
    const Graph graph = compressed(net, {{1, 3}, shift});
    EXPECT_EQ(soi::stream_cost(graph, 1)->period, 4);
    std::int64_t compared = 0;
    expect_streams(graph, compared);
    EXPECT_GE(compared, 96);
  }
}

TEST(Transform, FreshSkipsChangeNothingUntilTheyAreTrained) {
  GraphBuilder builder(1);
  TensorId x = builder.input({1, 40, 1, 4});
  for (int i = 0; i < 4; ++i) x = causal_conv(builder, x, 4, 3);
  const Timeline net(builder.build({x}));
  Pairs pairs{{2}};
  const auto with = soi::compress(net.timed(), net.positions(), pairs);
  pairs.fresh_skips = false;
  const auto without = soi::compress(net.timed(), net.positions(), pairs);
  ASSERT_TRUE(with && without);
  EXPECT_TRUE(with->regions[0].fresh_skip);
  EXPECT_FALSE(without->regions[0].fresh_skip);
  EXPECT_GT(macs(with->graph), macs(without->graph));
  const auto inputs = random_inputs(net.graph, 2);
  EXPECT_EQ(output_of(with->graph, inputs), output_of(without->graph, inputs));
}

TEST(Transform, LinesBetweenElementsWaitForTheNextOne) {
  const Timeline net(u_net({{4, 4, 4}, {}, 0, 0, 4, 48}));
  Pairs pairs{{2}};
  pairs.extrapolation = soi::Extrapolation::linear;
  EXPECT_EQ(soi::stream_cost(compressed(net, pairs), 1)->latency, 1);
  pairs.factor = 4;
  EXPECT_EQ(soi::stream_cost(compressed(net, pairs), 1)->latency, 3);
  pairs.shift = 3;  // takes the latency up
  EXPECT_EQ(soi::stream_cost(compressed(net, pairs), 1)->latency, 0);
}

TEST(Transform, TransposedConvolutionsHoldUntilTheyAreTrained) {
  for (const ElementType type : {ElementType::int8, ElementType::float32}) {
    for (const Family family : kFamilies) {
      for (std::uint64_t seed = 300; seed < 306; ++seed) {
        SCOPED_TRACE("family " + std::to_string(static_cast<int>(family)) + " seed " + std::to_string(seed));
        const Timeline net(random_soi_network(seed, family, type));
        if (net.positions().empty()) continue;
        Random random(seed);
        Pairs pairs{some_pairs(net.positions(), random), random.integer(0, 2)};
        const Graph held = compressed(net, pairs);
        pairs.extrapolation = soi::Extrapolation::tconv;
        const Graph graph = compressed(net, pairs);
        EXPECT_GT(macs(graph), macs(held));
        const auto inputs = random_inputs(graph, seed);
        EXPECT_EQ(output_of(graph, inputs), output_of(held, inputs));
        std::int64_t compared = 0;
        expect_streams(graph, compared);
      }
    }
  }
}

}  // namespace
}  // namespace thimble::test
