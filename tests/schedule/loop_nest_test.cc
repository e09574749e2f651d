// Hand-written loop nests over rows and columns: rings, FIFOs, windows, strips. Each must be accepted, give
// the interpreter's bytes, count its MACs exactly, need exactly the memory that theory says, and not less.
#include <gtest/gtest.h>

#include "nets.h"
#include "schedule_builder.h"
#include "thimble/schedule/cost.h"
#include "thimble/schedule/measure.h"

namespace thimble::test {
namespace {

constexpr Loop kRows{Level::row, 1};
constexpr Loop kColumns{Level::column, 1};

StageTensor ring(TensorId tensor, std::int32_t step = 1) {
  return {tensor, Level::row, Level::call, step};
}
StageTensor one_row(TensorId tensor) {
  return {tensor, Level::row, Level::row};
}

/// The schedule is good; with one index less along `axis` of the buffer of `tensor`, it loses data.
void expect_tight(Schedule schedule, TensorId tensor, std::int32_t stage, std::size_t axis,
                  std::int32_t length) {
  for (const Packing packing : {Packing::apart, Packing::shared}) {
    add_buffers(schedule, packing);
    expect_good(schedule);
    Buffer &buffer = buffer_for(schedule, tensor, stage);
    EXPECT_EQ(buffer.layout.fold[axis], length);
    --buffer.layout.fold[axis];
    if (buffer.layout.fold[axis] == 0) continue;
    buffer.size = buffer.layout.bytes();
    const Result<Proof> proof = check(schedule);
    ASSERT_FALSE(proof);
    EXPECT_TRUE(proof.error().text().find("which holds") != std::string::npos ||
                proof.error().text().find("larger than its buffer") != std::string::npos)
        << proof.error().text();
  }
}

std::int64_t planned_macs(const Schedule &schedule) {
  return compute_cost(schedule).macs;
}

TEST(LoopNest, ConvolutionAfterConvolutionFiresInTheDocumentedOrder) {
  const Net net = two_convolutions({.rows = 4});
  const Schedule schedule =
      make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {kRows}, {ring(net.a)})});
  EXPECT_EQ(firings_by_rows(schedule), "a[0:1) a[1:2) b[0:1) a[2:3) b[1:2) a[3:4) b[2:3) b[3:4)");
  EXPECT_EQ(measure_ring_rows(schedule, 1, net.a), 3);
  EXPECT_EQ(planned_macs(schedule), compute_cost(schedule).macs_unplanned);
  expect_tight(schedule, net.a, 1, 1, 3);
}

TEST(LoopNest, ExpandDepthwiseProjectFiresInTheDocumentedOrder) {
  const Net net = expand_project({.rows = 3});
  const Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.a, net.b, net.c}, {kRows}, {ring(net.a), one_row(net.b)})});
  EXPECT_EQ(firings_by_rows(schedule), "a[0:1) a[1:2) b[0:1) c[0:1) a[2:3) b[1:2) c[1:2) b[2:3) c[2:3)");
  expect_tight(schedule, net.a, 1, 1, 3);
  EXPECT_EQ(measure_ring_rows(schedule, 1, net.b), 1);
}

struct RingCase {
  const char *name;
  NetOptions options;
  std::int32_t step;  ///< rows of the driver per iteration
  std::int32_t rows;  ///< of the ring between the two convolutions
};

class RowRing : public testing::TestWithParam<RingCase> {};

TEST_P(RowRing, HoldsWhatTheFootprintSpansAndNothingIsRecomputed) {
  const Net net = two_convolutions(GetParam().options);
  const Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.a, net.b}, {{Level::row, GetParam().step}}, {ring(net.a)})});
  EXPECT_EQ(measure_ring_rows(schedule, 1, net.a), GetParam().rows);
  EXPECT_EQ(planned_macs(schedule), compute_cost(schedule).macs_unplanned);
  expect_tight(schedule, net.a, 1, 1, GetParam().rows);
}

// k rows for one output row; each further output row of an iteration adds the stride; a dilated filter spans
// (k-1)*dilation + 1.
INSTANTIATE_TEST_SUITE_P(
    Shapes, RowRing,
    testing::Values(RingCase{"plain", {}, 1, 3}, RingCase{"two_rows_at_once", {}, 2, 4},
                    RingCase{"three_rows_at_once", {.rows = 10}, 3, 5},
                    RingCase{"stride_2", {.rows = 12, .stride = 2}, 1, 3},
                    RingCase{"stride_2_two_rows", {.rows = 12, .stride = 2}, 2, 5},
                    RingCase{"dilation_2", {.rows = 11, .dilation = 2}, 1, 5},
                    RingCase{"kernel_5", {.rows = 9, .kernel = 5}, 1, 5},
                    RingCase{"no_padding", {.padded = false}, 1, 3},
                    RingCase{"odd", {.rows = 7, .columns = 5, .channels = 3, .stride = 2}, 1, 3},
                    RingCase{"int16", {.type = ElementType::int16}, 1, 3},
                    RingCase{"float", {.type = ElementType::float32}, 1, 3}),
    [](const auto &test) { return test.param.name; });

TEST(LoopNest, ChainOfThreeConvolutionsNeedsTwoRings) {
  const Net net = three_convolutions({.rows = 9});
  const Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.a, net.b, net.c}, {kRows}, {ring(net.a), ring(net.b)})});
  EXPECT_EQ(planned_macs(schedule), compute_cost(schedule).macs_unplanned);
  expect_tight(schedule, net.a, 1, 1, 3);
  expect_tight(schedule, net.b, 1, 1, 3);
}

TEST(LoopNest, ResidualAddInsideTheStage) {
  const Net net = inverted_residual();
  const Schedule schedule =
      make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b, net.c, net.d}, {kRows},
                                           {ring(net.a), one_row(net.b), one_row(net.c)})});
  EXPECT_EQ(planned_macs(schedule), compute_cost(schedule).macs_unplanned);
  expect_tight(schedule, net.a, 1, 1, 3);
}

TEST(LoopNest, RowFedInputKeepsTheRowsThatTheResidualStillNeeds) {
  const Net net = inverted_residual({.rows = 5});
  const Schedule schedule =
      make_schedule(net.graph, {make_stage(*net.graph, {net.x, net.a, net.b, net.c, net.d}, {kRows},
                                           {ring(net.x), ring(net.a), one_row(net.b), one_row(net.c)})});
  EXPECT_EQ(firings_by_rows(schedule).substr(0, 62),
            "x[0:1) a[0:1) x[1:2) a[1:2) b[0:1) c[0:1) d[0:1) x[2:3) a[2:3)");
  // Row y of x is added when row y + 1 has been expanded.
  expect_tight(schedule, net.x, 0, 1, 2);
  for_each_firing(schedule, [](const Firing &firing) { EXPECT_EQ(firing.entry, Entry::push); });
}

TEST(LoopNest, RowFedInputOfAConvolutionIsARing) {
  const Net net = two_convolutions({.rows = 9, .stride = 2});
  const Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.x, net.a, net.b}, {kRows}, {ring(net.x), ring(net.a)})});
  expect_tight(schedule, net.x, 0, 1, 3);
  expect_tight(schedule, net.a, 0, 1, 3);
}

TEST(LoopNest, InputCannotBeRecomputed) {
  const Net net = two_convolutions();
  Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.x, net.a, net.b}, {{Level::strip, 4}, kRows},
                             {{net.x, Level::row, Level::strip}, {net.a, Level::row, Level::strip}})});
  add_buffers(schedule);
  expect_refused(schedule, "handed in before");
}

TEST(LoopNest, PixelFifoHoldsTwoRowsAndThreePixels) {
  const Net net = two_convolutions({.rows = 5, .columns = 6});
  const auto in_steps_of = [&](std::int32_t step) {
    return make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {kRows, kColumns},
                                                {{net.a, Level::column, Level::call, step}})});
  };
  EXPECT_EQ(firings_by_pixels(in_steps_of(6)).substr(0, 75),
            "a[0:1,0:6) a[1:2,0:2) b[0:1,0:1) a[1:2,2:3) b[0:1,1:2) a[1:2,3:4) b[0:1,2:3");
  EXPECT_EQ(firings_by_pixels(in_steps_of(4)).substr(0, 75),
            "a[0:1,0:4) a[0:1,4:6) a[1:2,0:2) b[0:1,0:1) a[1:2,2:3) b[0:1,1:2) a[1:2,3:4");
  Schedule schedule = in_steps_of(1);
  EXPECT_EQ(planned_macs(schedule), compute_cost(schedule).macs_unplanned);
  EXPECT_EQ(measure_fifo_pixels(schedule, 1, net.a), 2 * 6 + 3);
  add_buffers(schedule, Packing::shared, true);
  expect_good(schedule);
  Buffer &fifo = buffer_for(schedule, net.a, 1);
  EXPECT_EQ(fifo.kind, BufferKind::fifo);
  EXPECT_EQ(fifo.size, (2 * 6 + 3) * 4);
  --fifo.layout.fifo_pixels;
  fifo.size = fifo.layout.bytes();
  expect_refused(schedule, "which holds element");
  // Without the FIFO, whole rows are kept.
  expect_tight(schedule, net.a, 1, 1, 3);
}

TEST(LoopNest, PixelFifosInAChainWithAStride) {
  const Net net = three_convolutions({.rows = 9, .columns = 7, .stride = 2});
  Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.a, net.b, net.c}, {kRows, kColumns},
                             {{net.a, Level::column, Level::call}, {net.b, Level::column, Level::call}})});
  add_buffers(schedule, Packing::shared, true);
  expect_good(schedule);
  EXPECT_EQ(planned_macs(schedule), compute_cost(schedule).macs_unplanned);
  for (const TensorId tensor : {net.a, net.b}) {
    Schedule less = schedule;
    Buffer &fifo = buffer_for(less, tensor, 1);
    --fifo.layout.fifo_pixels;
    fifo.size = fifo.layout.bytes();
    expect_refused(less, "which holds");
  }
}

TEST(LoopNest, WindowComputesColumnsOnceAndRowsAgain) {
  const Net net = two_convolutions({.rows = 6, .columns = 5});
  const Schedule schedule = make_schedule(
      net.graph,
      {make_stage(*net.graph, {net.a, net.b}, {kRows, kColumns}, {{net.a, Level::column, Level::row}})});
  // Three rows of a for every row of b, two at the edges.
  const std::int64_t pixel = 3 * 3 * 4 * 4;
  EXPECT_EQ(planned_macs(schedule), (3 * 6 - 2) * 5 * pixel + 6 * 5 * pixel);
  expect_tight(schedule, net.a, 1, 1, 3);
  expect_tight(schedule, net.a, 1, 2, 3);
}

TEST(LoopNest, WindowsInAChainGrowTowardsTheInput) {
  const Net net = three_convolutions({.rows = 9, .columns = 9});
  const Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.a, net.b, net.c}, {kRows, kColumns},
                             {{net.a, Level::column, Level::row}, {net.b, Level::column, Level::row}})});
  expect_tight(schedule, net.a, 1, 1, 5);
  expect_tight(schedule, net.a, 1, 2, 3);
  expect_tight(schedule, net.b, 1, 1, 3);
}

TEST(LoopNest, WindowInsideARing) {
  const Net net = three_convolutions({.rows = 7, .columns = 6});
  const Schedule schedule =
      make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b, net.c}, {kRows, kColumns},
                                           {ring(net.a), {net.b, Level::column, Level::row}})});
  expect_tight(schedule, net.a, 1, 1, 5);
  expect_tight(schedule, net.b, 1, 2, 3);
}

TEST(LoopNest, FullyRecomputedTilesKeepNothing) {
  const Net net = two_convolutions({.rows = 6, .columns = 6});
  const Schedule schedule =
      make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {{Level::row, 2}, {Level::column, 3}},
                                           {{net.a, Level::column, Level::column, 64}})});
  const std::int64_t pixel = 3 * 3 * 4 * 4;
  // Tiles of 2 x 3 need 3 or 4 rows and 4 columns.
  EXPECT_EQ(planned_macs(schedule), (3 + 4 + 3) * (4 + 4) * pixel + 6 * 6 * pixel);
  expect_tight(schedule, net.a, 1, 1, 4);
}

TEST(LoopNest, ColumnStripsRecomputeTheirHalo) {
  const Net net = two_convolutions({.rows = 6, .columns = 8});
  const Schedule schedule =
      make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {{Level::strip, 4}, kRows},
                                           {{net.a, Level::row, Level::strip}})});
  const std::int64_t pixel = 3 * 3 * 4 * 4;
  EXPECT_EQ(planned_macs(schedule), 6 * (5 + 5) * pixel + 6 * 8 * pixel);
  expect_tight(schedule, net.a, 1, 1, 3);
  expect_tight(schedule, net.a, 1, 2, 5);
}

TEST(LoopNest, ColumnsOutsideRowsAreARingOfColumns) {
  const Net net = two_convolutions({.rows = 4, .columns = 6});
  const Schedule schedule = make_schedule(
      net.graph,
      {make_stage(*net.graph, {net.a, net.b}, {kColumns, kRows}, {{net.a, Level::column, Level::call}})});
  EXPECT_EQ(planned_macs(schedule), compute_cost(schedule).macs_unplanned);
  expect_tight(schedule, net.a, 1, 2, 3);
}

TEST(LoopNest, OperatorRecomputedInTwoStages) {
  const Net net = two_readers();
  const Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.a, net.b}, {kRows}, {ring(net.a)}),
                  make_stage(*net.graph, {net.a, net.c, net.d}, {kRows}, {ring(net.a), one_row(net.c)})});
  const ComputeCost cost = compute_cost(schedule);
  EXPECT_EQ(cost.macs, cost.macs_unplanned + 8 * 8 * 4 * 4);
  EXPECT_EQ(measure_ring_rows(schedule, 1, net.a), 3);
  EXPECT_EQ(measure_ring_rows(schedule, 2, net.a), 3);
  expect_tight(schedule, net.a, 1, 1, 3);
  expect_tight(schedule, net.a, 2, 1, 3);
}

TEST(LoopNest, TensorLeavesTheLatestStageThatComputesIt) {
  const Net net = two_readers();
  // a is a ring for b, and is computed again, whole, for c.
  const Schedule schedule =
      make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {kRows}, {ring(net.a)}),
                                make_stage(*net.graph, {net.a}),
                                make_stage(*net.graph, {net.c, net.d}, {kRows}, {one_row(net.c)})});
  EXPECT_FALSE(leaving_tensors(schedule)[1][0]);
  EXPECT_TRUE(leaving_tensors(schedule)[2][0]);
  expect_tight(schedule, net.a, 1, 1, 3);
}

TEST(LoopNest, BothReadersInOneStageShareTheRing) {
  const Net net = two_readers();
  const Schedule schedule =
      make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b, net.c, net.d}, {kRows},
                                           {ring(net.a), one_row(net.b), one_row(net.c)})});
  EXPECT_EQ(planned_macs(schedule), compute_cost(schedule).macs_unplanned);
  expect_tight(schedule, net.a, 1, 1, 3);
}

TEST(LoopNest, SecondOutputIsDrained) {
  // b = every second row of a: a's last row is made for the caller only.
  const Net net = early_output({.rows = 4});
  Schedule schedule =
      make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {kRows}, {ring(net.a)})});
  EXPECT_EQ(firings_by_rows(schedule), "a[0:1) b[0:1) a[1:2) a[2:3) b[1:2) a[3:4)");
  EXPECT_EQ(measure_ring_rows(schedule, 1, net.a), 4);
  for (const Packing packing : {Packing::apart, Packing::shared}) {
    add_buffers(schedule, packing);
    expect_good(schedule);
  }
}

TEST(LoopNest, DrainingPullsWhatIsStoredInsideLoops) {
  const Net net = early_output_of_two({.rows = 6});
  for (const Level stored : {Level::call, Level::row}) {
    Schedule schedule = make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b, net.c}, {kRows},
                                                             {{net.a, Level::row, stored}, ring(net.b)})});
    add_buffers(schedule, Packing::shared);
    expect_good(schedule, name_of(stored));
    const ComputeCost cost = compute_cost(schedule);
    // Stored inside the row loop, its rows are computed again.
    EXPECT_EQ(cost.macs == cost.macs_unplanned, stored == Level::call);
  }
}

TEST(LoopNest, DrainingAPixelFifo) {
  const Net net = early_output({.rows = 4, .columns = 6});
  Schedule schedule = make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {kRows, kColumns},
                                                           {{net.a, Level::column, Level::call}})});
  add_buffers(schedule, Packing::shared);
  expect_good(schedule);
  EXPECT_EQ(planned_macs(schedule), compute_cost(schedule).macs_unplanned);
}

}  // namespace
}  // namespace thimble::test
