// Bytes and MACs of a schedule against numbers worked out by hand.
#include "thimble/schedule/cost.h"

#include <gtest/gtest.h>

#include "nets.h"
#include "schedule_builder.h"
#include "thimble/schedule/measure.h"

namespace thimble::test {
namespace {

// x 8x8x4 = 256 B, a 8x8x12 = 768 B, b 768 B, c 256 B.
TEST(Cost, WholeTensors) {
  Schedule schedule = whole_tensor_schedule(expand_project().graph);
  add_buffers(schedule, Packing::shared);
  const MemoryCost cost = memory_cost(schedule);
  EXPECT_EQ(cost.allocation_bound_bytes, 768 + 768);
  EXPECT_EQ(cost.msf_bytes, 768 + 768);
  EXPECT_EQ(cost.arena_bytes, schedule.regions[0].size);
  EXPECT_GE(cost.arena_bytes, cost.allocation_bound_bytes);
  EXPECT_EQ(cost.input_bytes, 256);
  EXPECT_EQ(cost.output_bytes, 256);
  EXPECT_EQ(cost.scratch_bytes, 0);
  EXPECT_EQ(cost.state_bytes, 0);

  const ComputeCost compute = compute_cost(schedule);
  EXPECT_EQ(compute.firings, 4);
  EXPECT_EQ(compute.macs, 64 * (4 * 12 + 9 * 12 + 12 * 4));
  EXPECT_EQ(compute.macs, compute.macs_unplanned);

  const std::vector<StagePeak> peaks = stage_peaks(schedule);
  ASSERT_EQ(peaks.size(), 4u);
  EXPECT_EQ(peaks[0].bytes, 256);
  EXPECT_EQ(peaks[1].bytes, 256 + 768);
  EXPECT_EQ(peaks[2].bytes, 768 + 768);
  EXPECT_EQ(peaks[2].firing, 2);
  EXPECT_EQ(peaks[2].buffers.size(), 2u);
  EXPECT_EQ(peaks[3].bytes, 768 + 256);
}

TEST(Cost, FusedStageHoldsRingsBesideInputAndOutput) {
  const Net net = expand_project();
  Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.a, net.b, net.c}, {{Level::row, 1}},
                             {{net.a, Level::row, Level::call}, {net.b, Level::row, Level::row}})});
  add_buffers(schedule, Packing::shared);
  const MemoryCost cost = memory_cost(schedule);
  const std::int64_t rings = 3 * 8 * 12 + 8 * 12;
  EXPECT_EQ(cost.allocation_bound_bytes, 256 + rings + 256);
  EXPECT_EQ(cost.msf_bytes, rings);
  ASSERT_EQ(stage_peaks(schedule).size(), 2u);
  EXPECT_EQ(stage_peaks(schedule)[1].bytes, 256 + rings + 256);
}

TEST(Cost, SharedBytesCountOnce) {
  Schedule schedule = whole_tensor_schedule(expand_project().graph);
  add_buffers(schedule);
  schedule.buffers[1].offset = schedule.buffers[0].offset + 100;  // x and a: 156 bytes in common
  EXPECT_EQ(stage_peaks(schedule)[1].bytes, 256 + 768 - 156);
}

TEST(Cost, VolatileRegionsMakeTheArena) {
  Schedule schedule = whole_tensor_schedule(expand_project().graph);
  add_buffers(schedule);
  const std::int64_t arena = schedule.regions[0].size;
  schedule.regions.push_back({"state", RegionKind::state, 10});
  schedule.regions.push_back({"fram", RegionKind::non_volatile, 1000});
  EXPECT_EQ(memory_cost(schedule).arena_bytes, arena + 10);
}

TEST(Measure, LifetimesOfTensors) {
  const Net net = two_readers();
  const Schedule schedule = whole_tensor_schedule(net.graph);
  const std::vector<Lifetime> lifetimes = measure_lifetimes(schedule);
  const auto of = [&](TensorId tensor) {
    const Lifetime &lifetime = lifetimes[static_cast<std::size_t>(tensor)];
    return std::pair(lifetime.first, lifetime.last);
  };
  EXPECT_EQ(of(net.x), (std::pair<std::int64_t, std::int64_t>(0, 1)));
  EXPECT_EQ(of(net.a), (std::pair<std::int64_t, std::int64_t>(1, 3)));
  EXPECT_EQ(of(net.b), (std::pair<std::int64_t, std::int64_t>(2, 4)));
  EXPECT_EQ(of(net.d), (std::pair<std::int64_t, std::int64_t>(4, 4)));
  const TensorId weights = net.graph->op(maker_of(*net.graph, net.a)).inputs[1];
  EXPECT_EQ(of(weights), (std::pair<std::int64_t, std::int64_t>(-1, -1)));
}

TEST(Measure, OutputsLiveToTheEnd) {
  const Net net = early_output();
  const std::vector<Lifetime> lifetimes = measure_lifetimes(whole_tensor_schedule(net.graph));
  EXPECT_EQ(lifetimes[static_cast<std::size_t>(net.a)].last, 2);
  EXPECT_EQ(lifetimes[static_cast<std::size_t>(net.b)].last, 2);
}

}  // namespace
}  // namespace thimble::test
