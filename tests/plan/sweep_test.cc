// Random plans of random networks, under the sanitizers; thousands more run where plans are emitted.
#include "plan/plan_cases.h"

namespace thimble::test {
namespace {

class PlanSweep : public testing::TestWithParam<int> {};

// Parts of a sweep, for tests run side by side.
TEST_P(PlanSweep, RandomPlansAreRight) {
  sweep_plans(50000 + static_cast<std::uint64_t>(GetParam()) * 100, 100);
}
INSTANTIATE_TEST_SUITE_P(Seeds, PlanSweep, testing::Range(0, 4));

}  // namespace
}  // namespace thimble::test
