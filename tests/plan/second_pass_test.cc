// Maps computed a second time instead of being kept: found where they are, legal, exact, within the limit.
#include "thimble/plan/second_pass.h"

#include <gtest/gtest.h>

#include "support/random_graph.h"
#include "thimble/graph/interpret.h"
#include "thimble/plan/plan.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/cost.h"
#include "thimble/schedule/execute.h"

namespace thimble {
namespace {

/// x -> expand -> depthwise -> t; t -> mean -> dense -> s; t * s -> project.
struct Squeeze {
  std::shared_ptr<const Graph> graph;
  TensorId wide = kNone, narrow = kNone;
};
Squeeze squeeze_and_excite(ElementType type = ElementType::int8) {
  test::GraphBuilder builder(11, type);
  Squeeze made;
  const TensorId x = builder.input({1, 12, 12, 3});
  made.narrow = builder.conv_2d(x, 4, {1, 1});
  const TensorId expanded = builder.conv_2d(made.narrow, 32, {1, 1});
  made.wide = builder.depthwise_conv_2d(expanded, 1, {3, 3});
  const TensorId squeezed = builder.mean(made.wide, {1, 2}, true);
  const TensorId scale = builder.conv_2d(squeezed, 32, {1, 1});
  const TensorId scaled = builder.mul(made.wide, scale);
  made.graph = std::make_shared<const Graph>(builder.build({builder.conv_2d(scaled, 4, {1, 1})}));
  return made;
}

TEST(SecondPass, FindsTheMapAndTheNarrowTensorBeforeIt) {
  const Squeeze made = squeeze_and_excite();
  const auto found = find_computed_twice(*made.graph, false);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].tensor, made.wide);
  // From the tensor of 4 channels on: the convolution before it is no wider at its input.
  ASSERT_FALSE(found[0].chain.empty());
  EXPECT_EQ(made.graph->op(found[0].chain.back()).output(), made.wide);
  EXPECT_GT(found[0].macs, 0);
}

TEST(SecondPass, NothingElseIsTakenForOne) {
  // A residual connection: the map is read twice, and nothing waits for all of it.
  test::GraphBuilder builder(12);
  const TensorId x = builder.input({1, 12, 12, 3});
  const TensorId a = builder.conv_2d(x, 16, {1, 1});
  const TensorId b = builder.depthwise_conv_2d(a, 1, {3, 3});
  const Graph residual = builder.build({builder.add(a, b)});
  EXPECT_TRUE(find_computed_twice(residual, false).empty());
  // A map that is an output must be kept anyway.
  test::GraphBuilder other(13);
  const TensorId y = other.conv_2d(other.input({1, 12, 12, 3}), 32, {1, 1});
  const TensorId scaled = other.mul(y, other.mean(y, {1, 2}, true));
  EXPECT_TRUE(find_computed_twice(other.build({scaled, y}), false).empty());
}

TEST(SecondPass, InputsThatArriveOnceAreNotReadAgain) {
  test::GraphBuilder builder(14);
  const TensorId wide = builder.conv_2d(builder.input({1, 12, 12, 3}), 32, {1, 1});
  const Graph graph = builder.build({builder.mul(wide, builder.mean(wide, {1, 2}, true))});
  EXPECT_EQ(find_computed_twice(graph, false).size(), 1u);
  EXPECT_TRUE(find_computed_twice(graph, true).empty());
}

TEST(SecondPass, NeedsFarLessAndGivesTheSameBytes) {
  for (const ElementType type : {ElementType::int8, ElementType::int16, ElementType::float32}) {
    const Squeeze made = squeeze_and_excite(type);
    for (const InputMode input : {InputMode::consumed, InputMode::kept, InputMode::rows}) {
      const auto once = search_plan(made.graph, {.space = PlanSpace::lines, .input = input});
      const auto twice =
          search_plan(made.graph, {.space = PlanSpace::lines, .input = input, .max_overhead = 2.0});
      ASSERT_TRUE(once && twice);
      const bool kept = input == InputMode::kept;
      EXPECT_LT(twice->schedule.regions[0].size * (kept ? 4 : 2),
                once->schedule.regions[0].size * (kept ? 3 : 1));
      EXPECT_EQ(twice->schedule.graph, made.graph);
      EXPECT_TRUE(check(twice->schedule));
      const ComputeCost cost = compute_cost(twice->schedule);
      EXPECT_GT(cost.macs, cost.macs_unplanned);
      EXPECT_LE(cost.macs, 2 * cost.macs_unplanned);
      const std::vector<Bytes> inputs = test::random_inputs(*made.graph, 3);
      const auto expected = interpret_outputs(*made.graph, inputs);
      const auto found = execute(twice->schedule, inputs);
      ASSERT_TRUE(expected && found);
      EXPECT_EQ(*found, *expected);
    }
  }
}

TEST(SecondPass, FewestMacsWithinALimitForTheRam) {
  const Squeeze made = squeeze_and_excite();
  const auto least = search_plan(made.graph, {.space = PlanSpace::lines, .max_overhead = 4.0});
  const auto once = search_plan(made.graph, {.space = PlanSpace::lines});
  ASSERT_TRUE(least && once);
  const std::int64_t smallest = least->schedule.regions[0].size;
  const std::int64_t largest = once->schedule.regions[0].size;
  ASSERT_LT(smallest, largest);
  std::int64_t before = -1;
  for (const std::int64_t limit : {largest, (largest + smallest) / 2, smallest}) {
    const auto plan = search_plan(
        made.graph,
        {.space = PlanSpace::lines, .objective = Objective::macs, .ram_limit = limit, .max_overhead = 4.0});
    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->fits) << limit;
    EXPECT_LE(plan->schedule.regions[0].size, limit);
    const std::int64_t macs = compute_cost(plan->schedule).macs;
    EXPECT_GE(macs, before);
    before = macs;
  }
  EXPECT_GT(before, compute_cost(once->schedule).macs);
  const auto none = search_plan(made.graph, {.space = PlanSpace::lines,
                                             .objective = Objective::macs,
                                             .ram_limit = smallest / 2,
                                             .max_overhead = 4.0});
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->fits);
}

}  // namespace
}  // namespace thimble
