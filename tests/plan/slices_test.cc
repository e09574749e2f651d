// Stages that are summed slice by slice: legal, exact, and chosen where they need least.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "support/one_stage.h"
#include "support/random_graph.h"
#include "thimble/graph/interpret.h"
#include "thimble/plan/buffers.h"
#include "thimble/plan/candidate_orders.h"
#include "thimble/plan/plan.h"
#include "thimble/plan/stage_cost.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/cost.h"
#include "thimble/schedule/execute.h"
#include "thimble/schedule/sum_bytes.h"

namespace thimble {
namespace {

constexpr Grain kGrains[] = {Grain::slices, Grain::slices_of_lines, Grain::lines_of_slices};

/// Inverted bottleneck on a small map: nearly all of its bytes are in the middle.
std::shared_ptr<const Graph> bottleneck(std::int32_t side, std::int32_t filter) {
  test::GraphBuilder builder(3);
  const TensorId x = builder.input({1, side, side, 8});
  const TensorId wide = builder.conv_2d(x, 96, {1, 1});
  const TensorId depth = builder.depthwise_conv_2d(wide, 1, {filter, filter});
  return std::make_shared<const Graph>(builder.build({builder.conv_2d(depth, 8, {1, 1})}));
}

TEST(Slices, NeedNoMoreThanSumsAndOneSlice) {
  const auto graph = bottleneck(5, 5);
  const auto plan = search_plan(graph, {.alignment = 1});
  ASSERT_TRUE(plan);
  // The input, three bytes per sum of the output, and one channel of each map in between.
  EXPECT_LE(plan->schedule.regions[0].size, 5 * 5 * (8 + 3 * 8 + 2));
  EXPECT_EQ(plan->lower_bound_bytes, plan->schedule.regions[0].size);
  EXPECT_EQ(plan->extra_macs, 0);
  const auto lines = search_plan(graph, {.alignment = 1, .space = PlanSpace::lines});
  ASSERT_TRUE(lines);
  EXPECT_LT(plan->schedule.regions[0].size * 2, lines->schedule.regions[0].size);
}

TEST(Slices, ComputeRowsAgainWhereAllSumsAreTooMany) {
  const auto graph = bottleneck(12, 5);
  const auto once = search_plan(graph, {.alignment = 1});
  const auto again = search_plan(graph, {.alignment = 1, .max_overhead = 6.0});
  ASSERT_TRUE(once && again);
  EXPECT_LT(again->schedule.regions[0].size, once->schedule.regions[0].size);
  EXPECT_GT(again->extra_macs, 0);
}

TEST(Slices, OfEveryFormGiveTheSameBytes) {
  int compared = 0;
  int recomputed = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    test::RandomGraphOptions options;
    options.steps = 2 + static_cast<int>(seed % 7);
    options.most_side = 9;
    if (seed % 5 == 0) options.type = ElementType::int16;
    if (seed % 5 == 1) options.type = ElementType::float32;
    const auto graph = std::make_shared<const Graph>(test::random_graph(seed, options));
    const std::vector<OpId> order = candidate_orders(*graph)[0];
    StageCosts costs(*graph, order, {1});
    const std::vector<Bytes> inputs = test::random_inputs(*graph, seed);
    const auto expected = interpret_outputs(*graph, inputs);
    ASSERT_TRUE(expected);
    for (auto last = static_cast<std::int32_t>(order.size()) - 1; last > costs.first_position(); --last) {
      for (std::int32_t first = costs.first_position(); first < last; ++first) {
        for (const Grain grain : kGrains) {
          StageChoice choice{first, last, {grain}};
          choice.form.channels = 1 + static_cast<std::int32_t>(seed % 3);
          choice.form.sum_bytes = costs.sum_widths(last).back();
          if (choice.form.channels >= costs.reduction(last) || !costs.estimate_slices(choice)) continue;
          Schedule schedule = test::schedule_of(graph, order, choice);
          const std::string label = "seed " + std::to_string(seed) + " stage " + std::to_string(first) +
                                    ".." + std::to_string(last);
          test::expect_right_when_placed(schedule, inputs, *expected, label);
          if (testing::Test::HasFatalFailure()) return;
          const ComputeCost cost = compute_cost(schedule);
          const std::int64_t extra = cost.macs - cost.macs_unplanned;
          const bool again = grain == Grain::lines_of_slices;
          EXPECT_EQ(costs.count(choice).extra_macs, again ? extra : 0) << seed;
          EXPECT_TRUE(again || extra <= 0) << seed;
          recomputed += extra > 0 ? 1 : 0;
          ++compared;
        }
      }
    }
  }
  EXPECT_GT(compared, 150);
  EXPECT_GT(recomputed, 10);
}

std::shared_ptr<const Graph> dense(std::int32_t features, std::int8_t weight) {
  test::GraphBuilder builder(9);
  const TensorId x = builder.input({1, features});
  const TensorId y = builder.fully_connected(x, 1);
  Graph graph = builder.build({y});
  const TensorId weights = graph.ops.back().inputs[1];
  const std::vector<std::uint8_t> data(static_cast<std::size_t>(features), static_cast<std::uint8_t>(weight));
  graph.tensors[static_cast<std::size_t>(weights)].data =
      std::make_shared<const std::vector<std::uint8_t>>(data);
  return std::make_shared<const Graph>(std::move(graph));
}

TEST(SumBytes, AreAsManyAsTheLargestSumNeeds) {
  // Random biases are small beside these products.
  const auto bytes = [](std::int32_t features, std::int8_t weight) {
    const auto graph = dense(features, weight);
    return least_sum_bytes(*graph, graph->ops.back());
  };
  EXPECT_EQ(bytes(2, 1), 2);
  EXPECT_EQ(bytes(2, 127), 3);
  EXPECT_EQ(bytes(400, 60), 3);
  EXPECT_EQ(bytes(2000, -127), 4);
}

TEST(SumBytes, TooFewAreRefused) {
  const auto graph = bottleneck(4, 3);
  const std::vector<OpId> order = candidate_orders(*graph)[0];
  const StageChoice choice{1, 3, {.grain = Grain::slices, .channels = 4}};
  Schedule schedule = test::schedule_of(graph, order, choice);
  const std::int32_t least = least_sum_bytes(*graph, graph->ops.back());
  ASSERT_EQ(least, 3);
  for (const std::int32_t bytes : {least, least - 1}) {
    schedule.stages.back().sum_bytes = bytes;
    ASSERT_TRUE(plan_buffers(schedule, {}));
    const auto proof = check(schedule);
    ASSERT_EQ(proof.has_value(), bytes == least);
    if (proof) continue;
    EXPECT_NE(proof.error().text().find("do not fit"), std::string::npos) << proof.error().text();
  }
}

/// A sum is four bytes wide, so that the first byte of an output four bytes above the sums destroys the
/// second one before it is read.
TEST(Slices, AnOutputAboveItsSumsIsRefused) {
  const auto graph = bottleneck(4, 3);
  const std::vector<OpId> order = candidate_orders(*graph)[0];
  Schedule schedule = test::schedule_of(graph, order, {1, 3, {.grain = Grain::slices, .channels = 4}});
  ASSERT_TRUE(plan_buffers(schedule, {.alignment = 1}));
  Buffer *sums = nullptr;
  Buffer *output = nullptr;
  for (Buffer &buffer : schedule.buffers) {
    if (buffer.kind == BufferKind::accumulator) sums = &buffer;
    if (buffer.kind == BufferKind::output) output = &buffer;
  }
  ASSERT_TRUE(sums != nullptr && output != nullptr);
  EXPECT_EQ(schedule.regions[0].size, 16 * (8 + 4 * 8 + 2 * 4));
  // Everything else lies apart, so that only these two matter.
  sums->offset = schedule.regions[0].size;
  schedule.regions[0].size += sums->size;
  output->offset = sums->offset;
  EXPECT_TRUE(check(schedule));
  output->offset = sums->offset + 3;
  EXPECT_TRUE(check(schedule));
  output->offset = sums->offset + 4;
  const auto proof = check(schedule);
  ASSERT_FALSE(proof);
  EXPECT_NE(proof.error().text().find("sums that it still reads"), std::string::npos) << proof.error().text();
}

}  // namespace
}  // namespace thimble
