// Thousands of random plans of random networks: legal, and the interpreter's bytes.
#include <iostream>

#include "plan/plan_cases.h"

namespace thimble::test {
namespace {

void sweep(std::uint64_t first, std::uint64_t count) {
  std::int64_t plans = 0, recomputing = 0, fed = 0, unplanned = 0, left_out = 0;
  for (std::uint64_t seed = first; seed < first + count && !testing::Test::HasFatalFailure(); ++seed) {
    const auto cases = random_plans(seed);
    if (!cases) {
      ++(is_left_out(cases.error()) ? left_out : unplanned);
      EXPECT_TRUE(is_left_out(cases.error()) || has_no_plan(cases.error()))
          << "seed " << seed << ": " << cases.error().text();
      continue;
    }
    for (const PlanCase &plan : *cases) {
      expect_right(plan.schedule, seed, plan.label);
      const ComputeCost cost = compute_cost(plan.schedule);
      ++plans;
      recomputing += cost.macs > cost.macs_unplanned ? 1 : 0;
      fed += is_row_fed(plan.schedule, plan.schedule.graph->inputs[0]) ? 1 : 0;
    }
  }
  std::cout << plans << " plans, " << fed << " fed by rows, " << recomputing << " with recomputation; "
            << unplanned << " seeds without a plan, " << left_out << " left out\n";
  EXPECT_GT(fed, plans / 20);
  EXPECT_GT(recomputing, plans / 20);
  EXPECT_LT(unplanned, static_cast<std::int64_t>(count) / 10);
  EXPECT_LE(left_out, static_cast<std::int64_t>(count) / 50);
}

class PlanSweep : public testing::TestWithParam<int> {};

// Parts of a sweep, for tests run side by side.
TEST_P(PlanSweep, RandomPlansAreRight) {
  sweep(static_cast<std::uint64_t>(GetParam()) * 1000, 1000);
}
INSTANTIATE_TEST_SUITE_P(Seeds, PlanSweep, testing::Range(0, 6));

}  // namespace
}  // namespace thimble::test
