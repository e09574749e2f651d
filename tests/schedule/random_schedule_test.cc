// Random networks under random legal schedules: accepted, and the interpreter's bytes.
#include "random_schedule.h"

#include <gtest/gtest.h>

#include "support/random_graph.h"
#include "thimble/schedule/cost.h"

namespace thimble::test {
namespace {

std::shared_ptr<const Graph> network(int seed) {
  RandomGraphOptions options;
  const ElementType types[] = {ElementType::int8, ElementType::float32, ElementType::int16};
  options.type = types[seed % 3];
  return std::make_shared<Graph>(random_graph(static_cast<std::uint64_t>(seed), options));
}

class RandomNetwork : public testing::TestWithParam<int> {};

TEST_P(RandomNetwork, WholeTensors) {
  const auto graph = network(GetParam());
  Schedule schedule = whole_tensor_schedule(graph);
  for (const Packing packing : {Packing::apart, Packing::shared}) {
    add_buffers(schedule, packing);
    expect_good(schedule);
    const MemoryCost cost = memory_cost(schedule);
    EXPECT_GE(cost.arena_bytes, cost.allocation_bound_bytes);
    EXPECT_EQ(compute_cost(schedule).macs, compute_cost(schedule).macs_unplanned);
  }
}

TEST_P(RandomNetwork, LoopNests) {
  const auto graph = network(GetParam());
  std::mt19937 random(static_cast<std::uint32_t>(GetParam()) + 1000);
  for (int round = 0; round < 4; ++round) {
    Schedule schedule = random_schedule(graph, random);
    ASSERT_TRUE(verify_structure(schedule)) << verify_structure(schedule).error().text();
    add_buffers(schedule, round % 2 == 0 ? Packing::shared : Packing::apart, round >= 2);
    expect_good(schedule, "round " + std::to_string(round));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomNetwork, testing::Range(0, 60));

}  // namespace
}  // namespace thimble::test
