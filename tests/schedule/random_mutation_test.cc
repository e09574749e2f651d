// Good schedules, corrupted at random: whatever is accepted must still compute the right bytes.
#include <gtest/gtest.h>

#include "base_schedules.h"
#include "mutator.h"
#include "random_schedule.h"
#include "support/random_graph.h"

namespace thimble::test {
namespace {

struct Tally {
  int refused = 0, accepted = 0;
};

/// Corrupts copies of a schedule with the seeds from `seed` on.
void corrupt(const Schedule &good, std::uint32_t seed, int rounds, Tally &tally) {
  const std::vector<Bytes> inputs = random_inputs(*good.graph, 11);
  const Result<std::vector<Bytes>> expected = interpret_outputs(*good.graph, inputs);
  ASSERT_TRUE(expected);
  for (int round = 0; round < rounds; ++round, ++seed) {
    Schedule schedule = good;
    Mutator(seed).mutate(schedule);
    if (!check(schedule)) {
      ++tally.refused;
      continue;
    }
    ++tally.accepted;
    for (const std::uint8_t poison : {0x00, 0xA5}) {
      const Result<std::vector<Bytes>> outputs = execute(schedule, inputs, {poison});
      ASSERT_TRUE(outputs) << "seed " << seed << ": " << outputs.error().text();
      ASSERT_TRUE(*outputs == *expected) << "seed " << seed << ": accepted, but wrong";
    }
  }
}

/// Both happen often, or the test would say nothing.
void expect_both(const Tally &tally) {
  EXPECT_GT(tally.refused, tally.accepted);
  EXPECT_GT(tally.accepted, tally.refused / 10);
  testing::Test::RecordProperty("refused", tally.refused);
  testing::Test::RecordProperty("accepted", tally.accepted);
}

TEST(RandomMutation, OfHandWrittenSchedules) {
  Tally tally;
  std::uint32_t seed = 0;
  for (const NamedSchedule &named : base_schedules()) {
    SCOPED_TRACE(named.name);
    corrupt(named.schedule, seed += 10000, 600, tally);
  }
  expect_both(tally);
}

TEST(RandomMutation, OfRandomSchedules) {
  Tally tally;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto graph = std::make_shared<Graph>(random_graph(seed, {.steps = 5, .most_side = 9}));
    Schedule schedule = random_schedule(graph, random);
    add_buffers(schedule, Packing::shared, seed % 2 == 0);
    corrupt(schedule, seed * 10000, 60, tally);
  }
  expect_both(tally);
}

}  // namespace
}  // namespace thimble::test
