// Lowered loop nests fire what the enumerator fires (lower_stage compares), and need few cursors.
#include "thimble/schedule/nest.h"

#include <gtest/gtest.h>

#include "base_schedules.h"
#include "nets.h"
#include "random_schedule.h"
#include "support/random_graph.h"
#include "thimble/schedule/cursors.h"

namespace thimble::test {
namespace {

void expect_lowered(const Schedule &schedule, const std::string &what) {
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const Result<nest::Stage> stage = nest::lower_stage(schedule, static_cast<std::int32_t>(s));
    EXPECT_TRUE(stage) << what << ", stage " << s << ": " << stage.error().text();
  }
}

TEST(Nest, BaseSchedules) {
  for (const NamedSchedule &base : base_schedules()) expect_lowered(base.schedule, base.name);
}

TEST(Nest, RandomSchedules) {
  std::mt19937 random(17);
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    RandomGraphOptions options;
    options.steps = 3 + static_cast<int>(seed % 8);
    const auto graph = std::make_shared<const Graph>(random_graph(seed, options));
    const Schedule schedule = random_schedule(graph, random);
    if (verify_structure(schedule)) expect_lowered(schedule, "random " + std::to_string(seed));
  }
}

// One row of a per driver row: the counter of a is all that stays.
TEST(Nest, ARingNeedsOneCursor) {
  const Net net = two_convolutions();
  const Schedule schedule = make_schedule(
      net.graph,
      {make_stage(*net.graph, {net.a, net.b}, {{Level::row, 1}}, {{net.a, Level::row, Level::call, 1}})});
  const Result<CursorNeed> need = cursor_need(schedule, 1);
  ASSERT_TRUE(need) << need.error().text();
  EXPECT_EQ(need->bytes, 2);
  EXPECT_FALSE(need->must_stay);
  EXPECT_EQ(cursor_need(schedule, 0)->bytes, 0);
}

}  // namespace
}  // namespace thimble::test
