// Stages of lines in strips, and with several lines in a firing: legal, exact, their costs as counted.
#include <gtest/gtest.h>

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

namespace thimble {
namespace {

/// Two wide maps with a ring between them: half a row of it is nearly half the bytes.
std::shared_ptr<const Graph> wide_maps() {
  test::GraphBuilder builder(5);
  const TensorId x = builder.input({1, 8, 40, 1});
  const TensorId wide = builder.conv_2d(x, 32, {3, 3});
  return std::make_shared<const Graph>(builder.build({builder.conv_2d(wide, 1, {3, 3}, {2, 2})}));
}

TEST(Strips, TradeComputationForShorterRings) {
  const auto graph = wide_maps();
  const auto once = search_plan(graph, {.space = PlanSpace::lines});
  const auto again = search_plan(graph, {.space = PlanSpace::lines, .max_overhead = 1.3});
  ASSERT_TRUE(once && again);
  EXPECT_LT(again->schedule.regions[0].size * 100, once->schedule.regions[0].size * 95);
  const ComputeCost cost = compute_cost(again->schedule);
  EXPECT_EQ(again->extra_macs, cost.macs - cost.macs_unplanned);
  EXPECT_GT(again->extra_macs, 0);
  bool strips = false;
  for (const Stage &stage : again->schedule.stages) {
    strips |= !stage.loops.empty() && stage.loops[0].level == Level::strip;
  }
  EXPECT_TRUE(strips);
}

TEST(Strips, FewerKernelCallsWhereThereIsRoom) {
  const auto graph = wide_maps();
  const auto tight = search_plan(graph, {.objective = Objective::latency, .ram_limit = 4000});
  const auto roomy = search_plan(graph, {.objective = Objective::latency, .ram_limit = 6000});
  ASSERT_TRUE(tight && roomy);
  EXPECT_TRUE(tight->fits && roomy->fits);
  EXPECT_LT(count_firings(roomy->schedule), count_firings(tight->schedule));
}

TEST(Strips, OfEveryFormGiveTheSameBytesAndCostWhatIsCounted) {
  int compared = 0;
  int recomputed = 0;
  for (std::uint64_t seed = 1; seed <= 42; ++seed) {
    test::RandomGraphOptions options;
    options.steps = 2 + static_cast<int>(seed % 7);
    const auto graph = std::make_shared<const Graph>(test::random_graph(seed, options));
    const std::vector<OpId> order = candidate_orders(*graph)[0];
    StageCosts costs(*graph, order, {1, false, false, false});
    const std::vector<Bytes> inputs = test::random_inputs(*graph, seed);
    const auto expected = interpret_outputs(*graph, inputs);
    ASSERT_TRUE(expected);
    for (auto last = costs.first_position(); last < static_cast<std::int32_t>(order.size()); ++last) {
      for (std::int32_t first = costs.first_position(); first <= last; ++first) {
        StageChoice choice{first, last, {Grain::lines}};
        choice.form.step = 1 + static_cast<std::int32_t>(seed % 3);
        choice.form.strip = static_cast<std::int32_t>(seed / 3 % 4);
        const auto estimate = costs.estimate(choice);
        if (!estimate) continue;
        Schedule schedule = test::schedule_of(graph, order, choice);
        const std::string label =
            "seed " + std::to_string(seed) + " stage " + std::to_string(first) + ".." + std::to_string(last);
        test::expect_right_when_placed(schedule, inputs, *expected, label);
        if (testing::Test::HasFatalFailure()) return;
        EXPECT_EQ(estimate->bytes, costs.count(choice).bytes) << seed << ' ' << first << ".." << last;
        const ComputeCost cost = compute_cost(schedule);
        if (choice.form.strip > 0) {
          EXPECT_EQ(estimate->extra_macs, cost.macs - cost.macs_unplanned) << seed;
        }
        recomputed += estimate->extra_macs > 0 ? 1 : 0;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 500);
  EXPECT_GT(recomputed, 50);
}

}  // namespace
}  // namespace thimble
