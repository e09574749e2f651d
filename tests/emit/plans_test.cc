// What is emitted of random plans fires what the enumerator fires and gives the interpreter's bytes.
#include <iostream>
#include <sstream>

#include "emit/emitted_batch.h"
#include "plan/plan_cases.h"

namespace thimble::test {
namespace {

void expect_plans(std::uint64_t first, std::uint64_t count, int most_steps) {
  EmittedBatch batch;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    auto cases = random_plans(seed, most_steps);
    if (!cases) {
      EXPECT_TRUE(has_no_plan(cases.error())) << "seed " << seed << ": " << cases.error().text();
      continue;
    }
    for (PlanCase &plan : *cases) {
      expect_right(plan.schedule, seed, plan.label);
      // A second inference begins with what the first one left in the arena.
      std::vector<std::vector<Bytes>> inputs;
      for (std::uint64_t i = 0; i <= seed % 2; ++i)
        inputs.push_back(random_inputs(*plan.schedule.graph, seed + i));
      const std::string label = "plan of seed " + std::to_string(seed) + ", " + plan.label;
      batch.add(label, std::move(plan.schedule), inputs);
    }
  }
  std::cout << batch.cases().size() << " plans emitted\n";
  batch.expect_traces(kStrictSanitized);
}

/// Thousands of plans on this machine, without their C: here as this build is optimised.
class ManyPlans : public testing::TestWithParam<int> {};

TEST_P(ManyPlans, AreRight) {
  sweep_plans(static_cast<std::uint64_t>(GetParam()) * 1000, 1000);
}
INSTANTIATE_TEST_SUITE_P(Seeds, ManyPlans, testing::Range(0, 6));

class EmittedPlans : public testing::TestWithParam<int> {};

TEST_P(EmittedPlans, RandomPlansAreRight) {
  expect_plans(100000 + static_cast<std::uint64_t>(GetParam()) * 60, 60, 5);
}
INSTANTIATE_TEST_SUITE_P(Seeds, EmittedPlans, testing::Range(0, 4));

/// THIMBLE_PLAN_SEEDS="first count": a long sweep instead of the suite's cases (bench/overnight.sh).
TEST(EmittedPlansLong, Sweep) {
  const char *seeds = std::getenv("THIMBLE_PLAN_SEEDS");
  if (seeds == nullptr) GTEST_SKIP() << "THIMBLE_PLAN_SEEDS is not set";
  std::istringstream words(seeds);
  std::uint64_t first = 0, count = 0;
  words >> first >> count;
  for (std::uint64_t done = 0; done < count; done += 100) {
    expect_plans(first + done, std::min<std::uint64_t>(100, count - done), 11);
  }
}

}  // namespace
}  // namespace thimble::test
