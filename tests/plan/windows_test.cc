// Plans with recomputation: legal, exact, within their limit, and each point of a front better than the last.
#include "thimble/plan/windows.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/random_graph.h"
#include "thimble/graph/interpret.h"
#include "thimble/plan/plan.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/cost.h"
#include "thimble/schedule/execute.h"

namespace thimble {
namespace {

double overhead(const Schedule &schedule) {
  const ComputeCost cost = compute_cost(schedule);
  return cost.macs_unplanned == 0 ? 1.0
                                  : static_cast<double>(cost.macs) / static_cast<double>(cost.macs_unplanned);
}

std::int64_t arena(const Plan &plan) {
  return memory_cost(plan.schedule).arena_bytes;
}

/// Bottlenecks at full resolution: narrow maps between wide ones, a residual among them.
std::shared_ptr<const Graph> bottlenecks() {
  test::GraphBuilder builder(7);
  const auto block = [&](TensorId x, std::int32_t channels, std::int32_t stride) {
    const TensorId wide = builder.conv_2d(x, 24, {1, 1});
    const TensorId depth = builder.depthwise_conv_2d(wide, 1, {3, 3}, {stride, stride});
    return builder.conv_2d(depth, channels, {1, 1});
  };
  const TensorId x = builder.input({1, 24, 24, 3});
  const TensorId a = block(x, 4, 1);
  const TensorId b = builder.add(block(a, 4, 1), a);
  const TensorId c = block(b, 6, 2);
  const TensorId d = block(c, 6, 2);
  return std::make_shared<const Graph>(builder.build({d}));
}

TEST(Windows, TradeComputationForMemory) {
  const auto graph = bottlenecks();
  for (const InputMode input : {InputMode::consumed, InputMode::rows}) {
    const auto once = search_plan(graph, {.input = input});
    const auto again = search_plan(graph, {.input = input, .max_overhead = 3.0});
    ASSERT_TRUE(once && again);
    EXPECT_EQ(overhead(once->schedule), 1.0);
    EXPECT_LE(overhead(again->schedule), 3.0);
    EXPECT_LE(arena(*again), arena(*once));
    EXPECT_LE(again->lower_bound_bytes, arena(*again));
    if (input == InputMode::rows) {
      EXPECT_LT(arena(*again), arena(*once) * 9 / 10);
    }
  }
}

TEST(Windows, LieInsideTheRowsOfFifosToo) {
  const auto plan = search_plan(bottlenecks(), {.input = InputMode::rows, .max_overhead = 4.0});
  ASSERT_TRUE(plan);
  int inside = 0;
  for (const Stage &stage : plan->schedule.stages) {
    for (const StageTensor &inner : stage.inner) inside += inner.within != kNone ? 1 : 0;
  }
  EXPECT_GT(inside, 0);
}

void expect_front(const std::shared_ptr<const Graph> &graph, const PlanOptions &options) {
  const auto front = search_front(graph, options);
  ASSERT_TRUE(front) << front.error().text();
  ASSERT_FALSE(front->empty());
  EXPECT_EQ(overhead((*front)[0].schedule), 1.0);
  for (std::size_t p = 0; p < front->size(); ++p) {
    const Plan &plan = (*front)[p];
    EXPECT_TRUE(check(plan.schedule));
    EXPECT_LE(overhead(plan.schedule), options.max_overhead);
    EXPECT_EQ(plan.extra_macs,
              p == 0 ? 0 : compute_cost(plan.schedule).macs - compute_cost(plan.schedule).macs_unplanned);
    if (p == 0) continue;
    EXPECT_LT(arena(plan), arena((*front)[p - 1]));
    EXPECT_GT(compute_cost(plan.schedule).macs, compute_cost((*front)[p - 1].schedule).macs);
  }
}

TEST(Windows, AFrontIsStrictlyMonotone) {
  for (const InputMode input : {InputMode::consumed, InputMode::rows}) {
    expect_front(bottlenecks(), {.input = input, .max_overhead = 4.0});
  }
}

TEST(Windows, RandomNetworksGiveTheSameBytes) {
  int recomputing = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    test::RandomGraphOptions options;
    options.steps = 3 + static_cast<int>(seed % 8);
    const auto graph = std::make_shared<const Graph>(test::random_graph(seed, options));
    const double limit = seed % 3 == 0 ? 1.3 : seed % 3 == 1 ? 2.0 : 10.0;
    const auto plan = search_plan(graph, {.max_overhead = limit});
    ASSERT_TRUE(plan) << seed << ": " << plan.error().text();
    EXPECT_LE(overhead(plan->schedule), limit) << seed;
    if (plan->extra_macs == 0) continue;
    ++recomputing;
    const std::vector<Bytes> inputs = test::random_inputs(*graph, seed);
    const auto expected = interpret_outputs(*graph, inputs);
    ASSERT_TRUE(expected);
    const auto found = execute(plan->schedule, inputs);
    ASSERT_TRUE(found) << seed << ": " << found.error().text();
    EXPECT_EQ(*found, *expected) << seed;
  }
  EXPECT_GT(recomputing, 10);
}

}  // namespace
}  // namespace thimble
