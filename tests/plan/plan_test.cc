#include "thimble/plan/plan.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/random_graph.h"
#include "support/shared_data.h"
#include "thimble/graph/interpret.h"
#include "thimble/read/tflite.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/cost.h"
#include "thimble/schedule/execute.h"

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

constexpr PlanSpace kSpaces[] = {PlanSpace::whole, PlanSpace::lines, PlanSpace::all};

void expect_sound(const Schedule &schedule) {
  const auto proof = check(schedule);
  EXPECT_TRUE(proof) << proof.error().text();
  const MemoryCost cost = memory_cost(schedule);
  EXPECT_GE(cost.arena_bytes, cost.allocation_bound_bytes);
}

TEST(Plan, WholeTensorsOfTheShippedModelAreAtTheirBound) {
  const auto graph = read_model(shipped_model());
  ASSERT_TRUE(graph);
  const auto schedule = plan(graph, {.space = PlanSpace::whole});
  ASSERT_TRUE(schedule) << schedule.error().text();
  expect_sound(*schedule);
  const MemoryCost cost = memory_cost(*schedule);
  // The residual block holds its source and both sides of a pointwise convolution: three maps of 14 x 14
  // x 40.
  EXPECT_EQ(cost.allocation_bound_bytes, 3 * 14 * 14 * 40);
  EXPECT_EQ(cost.arena_bytes, cost.allocation_bound_bytes);
}

TEST(Plan, ComputesNothingTwice) {
  const auto graph = read_model(shipped_model());
  ASSERT_TRUE(graph);
  for (const PlanSpace space : kSpaces) {
    const auto schedule = plan(graph, {.space = space});
    ASSERT_TRUE(schedule);
    const ComputeCost cost = compute_cost(*schedule);
    EXPECT_EQ(cost.macs, cost.macs_unplanned);
    const auto operators = static_cast<std::int64_t>(graph->ops.size());
    EXPECT_EQ(cost.firings == operators, space == PlanSpace::whole);
  }
}

TEST(Plan, ALargerSpaceNeedsLess) {
  const auto graph = read_model(shipped_model());
  ASSERT_TRUE(graph);
  std::vector<std::int64_t> arenas;
  for (const PlanSpace space : kSpaces) {
    const auto schedule = plan(graph, {.space = space});
    ASSERT_TRUE(schedule) << schedule.error().text();
    expect_sound(*schedule);
    arenas.push_back(memory_cost(*schedule).arena_bytes);
  }
  EXPECT_LT(arenas[1], arenas[0] / 2);
  EXPECT_LT(arenas[2], arenas[1]);
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

Schedule planned(Graph graph, PlanSpace space = PlanSpace::whole) {
  auto schedule = plan(std::make_shared<const Graph>(std::move(graph)), {.space = space});
  if (!schedule) {
    ADD_FAILURE() << schedule.error().text();
    return {};
  }
  return *schedule;
}

std::int64_t offset_of(const Schedule &schedule, TensorId tensor) {
  return buffer_of(schedule, tensor, kNone)->offset;
}

TEST(Plan, RunsElementWiseOperatorsInPlace) {
  test::GraphBuilder builder(1);
  const TensorId x = builder.input({1, 8, 8, 4});
  const TensorId a = builder.conv_2d(x, 4, {3, 3});
  const TensorId b = builder.logistic(a);
  const Schedule schedule = planned(builder.build({builder.max_pool_2d(b, {2, 2}, {2, 2})}));
  // The input and one map: the other one lies on either of them.
  EXPECT_EQ(memory_cost(schedule).arena_bytes, 512);
  EXPECT_NE(offset_of(schedule, x), offset_of(schedule, a));
}

TEST(Plan, NeverOverwritesWhatIsStillWanted) {
  test::GraphBuilder builder(1);
  const TensorId x = builder.input({1, 8, 8, 4});
  const TensorId a = builder.conv_2d(x, 4, {3, 3});
  const TensorId b = builder.logistic(a);
  const Schedule read_later = planned(builder.build({builder.add(a, b)}));
  EXPECT_NE(offset_of(read_later, a), offset_of(read_later, b));

  // The last operator reads a network output: nothing after it does, but the caller will.
  test::GraphBuilder ends(2);
  const TensorId input = ends.input({1, 4, 4, 2});
  const TensorId last = ends.logistic(input);
  const Schedule handed_out = planned(ends.build({input, last}));
  EXPECT_NE(offset_of(handed_out, input), offset_of(handed_out, last));
}

/// The map before a dense layer is never whole: its rows go into the sums.
TEST(Plan, ADenseLayerTakesRowsAsTheyCome) {
  test::GraphBuilder builder(8);
  const TensorId x = builder.input({1, 12, 12, 1});
  const TensorId map = builder.conv_2d(x, 16, {3, 3});
  const auto graph = std::make_shared<const Graph>(builder.build({builder.fully_connected(map, 4)}));
  const auto whole = search_plan(graph, {.alignment = 1, .space = PlanSpace::whole});
  const auto rows = search_plan(graph, {.alignment = 1, .space = PlanSpace::lines});
  ASSERT_TRUE(whole && rows);
  EXPECT_EQ(whole->schedule.regions[0].size, 144 + 144 * 16);
  // The image, one row of the map, and four sums, over which the output lies.
  EXPECT_EQ(rows->schedule.regions[0].size, 144 + 12 * 16 + 4 * 4);
}

TEST(Plan, AReshapeCostsNothing) {
  test::GraphBuilder builder(3);
  const TensorId x = builder.input({1, 6, 6, 2});
  const TensorId a = builder.conv_2d(x, 2, {3, 3});
  const TensorId flat = builder.reshape(a, {1, 72});
  const Schedule schedule = planned(builder.build({builder.fully_connected(flat, 3)}));
  EXPECT_EQ(offset_of(schedule, a), offset_of(schedule, flat));
  EXPECT_EQ(memory_cost(schedule).arena_bytes, 144);
}

TEST(Plan, RefusesStates) {
  test::GraphBuilder b(1);
  const TensorId x = b.input({1, 4}), last = b.state({1, 4});
  b.keep(last, x);
  const auto graph = std::make_shared<const Graph>(b.build({b.add(x, last)}));
  const auto planned = plan(graph);
  ASSERT_FALSE(planned);
  EXPECT_NE(planned.error().text().find("keeps 1 variable from one inference to the next"), std::string::npos)
      << planned.error().text();
  EXPECT_FALSE(search_front(graph, {}));
  Schedule schedule;
  schedule.graph = graph;
  EXPECT_FALSE(verify_structure(schedule));
}

TEST(Plan, EveryRandomNetworkIsPlannedSoundlyAndComputesTheSameBytes) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    test::RandomGraphOptions options;
    options.type = seed % 5 == 0 ? ElementType::float32 : ElementType::int8;
    const Schedule schedule = planned(test::random_graph(seed, options), kSpaces[seed % 3]);
    ASSERT_TRUE(schedule.graph) << "seed " << seed;
    expect_sound(schedule);
    std::vector<Bytes> inputs;
    for (TensorId id : schedule.graph->inputs) {
      Bytes bytes(static_cast<std::size_t>(schedule.graph->tensor(id).bytes()));
      for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>((i * 37 + seed) % 64);
      inputs.push_back(std::move(bytes));
    }
    const auto expected = interpret_outputs(*schedule.graph, inputs);
    const auto found = execute(schedule, inputs);
    ASSERT_TRUE(expected && found);
    EXPECT_EQ(*expected, *found) << "seed " << seed;
  }
}

TEST(Plan, AKeptInputIsThereAfterTheRun) {
  const auto graph = read_model(shipped_model());
  ASSERT_TRUE(graph);
  for (const PlanSpace space : kSpaces) {
    const auto kept = plan(graph, {.space = space, .input = InputMode::kept});
    ASSERT_TRUE(kept) << kept.error().text();
    const Buffer &input = *buffer_of(*kept, graph->inputs[0], kNone);
    EXPECT_TRUE(input.kept);
    EXPECT_EQ(input.last, count_firings(*kept) - 1);
    const auto consumed = plan(graph, {.space = space});
    ASSERT_TRUE(consumed);
    EXPECT_GE(memory_cost(*kept).arena_bytes, memory_cost(*consumed).arena_bytes);
    // Whoever writes over it is refused, although nobody of the network reads it any more.
    Schedule broken = *kept;
    for (Buffer &buffer : broken.buffers) {
      if (buffer.kind == BufferKind::output) buffer.offset = input.offset;
    }
    EXPECT_FALSE(check(broken));
  }
}

// The arenas that TensorFlow Lite Micro needs on a Cortex-M4 with CMSIS-NN (measured, 32-bit).
TEST(Plan, NeedsLessThanTensorFlowLiteMicro) {
  THIMBLE_NEEDS_SHARED_DATA();
  const std::pair<const char *, std::int64_t> peers[] = {
      {"mlperf_tiny/ad01_int8.tflite", 2580},         {"mlperf_tiny/pretrainedResnet_quant.tflite", 54996},
      {"mlperf_tiny/kws_ref_model.tflite", 22820},    {"mlperf_tiny/vww_96_int8.tflite", 100708},
      {"mlperf_tiny/str_ww_ref_model.tflite", 16596}, {"tflite_micro/person_detect.tflite", 82308},
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
