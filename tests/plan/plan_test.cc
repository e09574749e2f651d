#include "thimble/plan/plan.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/shared_data.h"
#include "thimble/read/tflite.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/cost.h"

namespace thimble {
namespace {

std::shared_ptr<const Graph> read_model(const std::filesystem::path &path) {
  auto graph = read_tflite(path);
  if (!graph) {
    ADD_FAILURE() << graph.error().text();
    return nullptr;
  }
  return std::make_shared<const Graph>(std::move(*graph));
}

std::filesystem::path shipped_model() {
  return std::filesystem::path(THIMBLE_SOURCE_DIR) / "models" / "fashion_mnist" / "fashion_mnist.tflite";
}

void expect_sound(const Schedule &schedule) {
  const auto proof = check(schedule);
  EXPECT_TRUE(proof) << proof.error().text();
  const MemoryCost cost = memory_cost(schedule);
  EXPECT_GE(cost.arena_bytes, cost.allocation_bound_bytes);
  EXPECT_GE(cost.allocation_bound_bytes, lower_bound_bytes(*schedule.graph));
}

TEST(Plan, TheShippedModelIsPlannedAtItsBound) {
  const auto graph = read_model(shipped_model());
  ASSERT_TRUE(graph);
  const auto schedule = plan(graph);
  ASSERT_TRUE(schedule) << schedule.error().text();
  expect_sound(*schedule);
  const MemoryCost cost = memory_cost(*schedule);
  // The residual block holds its source and both sides of a pointwise convolution: three maps of 14 x 14 x 40.
  EXPECT_EQ(cost.allocation_bound_bytes, 3 * 14 * 14 * 40);
  EXPECT_EQ(cost.arena_bytes, cost.allocation_bound_bytes);
}

TEST(Plan, CountsEveryOperatorOnce) {
  const auto graph = read_model(shipped_model());
  ASSERT_TRUE(graph);
  const auto schedule = plan(graph);
  ASSERT_TRUE(schedule);
  const ComputeCost cost = compute_cost(*schedule);
  EXPECT_EQ(cost.macs, cost.macs_unplanned);
  EXPECT_EQ(cost.firings, static_cast<std::int64_t>(graph->ops.size()));
}

TEST(Plan, AlignsEveryBufferAsAsked) {
  const auto graph = read_model(shipped_model());
  ASSERT_TRUE(graph);
  for (const std::int32_t alignment : {1, 4, 16, 64}) {
    const auto schedule = plan(graph, {alignment});
    ASSERT_TRUE(schedule);
    for (const Buffer &buffer : schedule->buffers) EXPECT_EQ(buffer.offset % alignment, 0);
  }
}

TEST(Plan, IsDeterministic) {
  const auto graph = read_model(shipped_model());
  ASSERT_TRUE(graph);
  const auto one = plan(graph);
  const auto two = plan(graph);
  ASSERT_TRUE(one && two);
  ASSERT_EQ(one->buffers.size(), two->buffers.size());
  for (std::size_t i = 0; i < one->buffers.size(); ++i) {
    EXPECT_EQ(one->buffers[i].offset, two->buffers[i].offset);
  }
}

// The arenas that TensorFlow Lite Micro needs on a Cortex-M4 with CMSIS-NN (measured, 32-bit).
TEST(Plan, NeedsLessThanTensorFlowLiteMicro) {
  THIMBLE_NEEDS_SHARED_DATA();
  const std::pair<const char *, std::int64_t> peers[] = {
      {"mlperf_tiny/ad01_int8.tflite", 2580},          {"mlperf_tiny/pretrainedResnet_quant.tflite", 54996},
      {"mlperf_tiny/kws_ref_model.tflite", 22820},     {"mlperf_tiny/vww_96_int8.tflite", 100708},
      {"mlperf_tiny/str_ww_ref_model.tflite", 16596},  {"tflite_micro/person_detect.tflite", 82308},
  };
  for (const auto &[file, arena] : peers) {
    const auto graph = read_model(test::shared_data() / "models" / file);
    ASSERT_TRUE(graph);
    const auto schedule = plan(graph);
    ASSERT_TRUE(schedule) << schedule.error().text();
    expect_sound(*schedule);
    EXPECT_LT(memory_cost(*schedule).arena_bytes, arena) << file;
  }
}

}  // namespace
}  // namespace thimble
