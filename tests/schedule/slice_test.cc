// Channel slices, sums in parts and accumulators.
#include <gtest/gtest.h>

#include "nets.h"
#include "schedule_builder.h"
#include "thimble/schedule/cost.h"
#include "thimble/schedule/measure.h"

namespace thimble::test {
namespace {

Buffer &accumulator_of(Schedule &schedule) {
  for (Buffer &buffer : schedule.buffers) {
    if (buffer.kind == BufferKind::accumulator) return buffer;
  }
  ADD_FAILURE() << "no accumulator";
  return schedule.buffers[0];
}

void expect_good_packed(Schedule &schedule) {
  add_buffers(schedule, Packing::apart);
  expect_good(schedule, "apart");
  add_buffers(schedule, Packing::shared);
  expect_good(schedule, "shared");
}

TEST(Slices, HiddenChannelsOutsideRowsAccumulateTheWholeMap) {
  const Net net = expand_project();
  Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.a, net.b, net.c}, {{Level::slice, 5, true}, {Level::row, 1}},
                             {{net.a, Level::row, Level::slice}, {net.b, Level::row, Level::row}})});
  expect_good_packed(schedule);
  EXPECT_EQ(compute_cost(schedule).macs, compute_cost(schedule).macs_unplanned);
  EXPECT_EQ(buffer_for(schedule, net.a, 1).layout.fold, (Shape{1, 3, 8, 5}));
  EXPECT_EQ(buffer_for(schedule, net.b, 1).layout.fold, (Shape{1, 1, 8, 5}));
  EXPECT_EQ(accumulator_of(schedule).size, 8 * 8 * 4 * 4);
}

TEST(Slices, HiddenChannelsInsideRowsAccumulateOneRow) {
  const Net net = expand_project();
  Schedule schedule = make_schedule(
      net.graph,
      {make_stage(*net.graph, {net.a, net.b, net.c}, {{Level::row, 1}, {Level::slice, 4, true}},
                  {{net.a, Level::slice, Level::slice, 4}, {net.b, Level::slice, Level::slice, 4}})});
  expect_good_packed(schedule);
  // Three rows of a for every row of c, two at the edges.
  EXPECT_EQ(compute_cost(schedule).macs - compute_cost(schedule).macs_unplanned, (2 * 8 - 2) * 8 * 4 * 12);
  EXPECT_EQ(buffer_for(schedule, net.a, 1).layout.fold, (Shape{1, 3, 8, 4}));
  EXPECT_EQ(accumulator_of(schedule).size, 8 * 4 * 4);
}

TEST(Slices, RingOfAllChannelsFeedsSlices) {
  const Net net = expand_project({.rows = 7, .columns = 5, .stride = 2});
  Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.a, net.b, net.c}, {{Level::row, 1}, {Level::slice, 4, true}},
                             {{net.a, Level::row, Level::call}, {net.b, Level::slice, Level::slice, 4}})});
  expect_good_packed(schedule);
  EXPECT_EQ(compute_cost(schedule).macs, compute_cost(schedule).macs_unplanned);
  EXPECT_EQ(buffer_for(schedule, net.b, 1).layout.fold, (Shape{1, 1, 3, 4}));
}

TEST(Slices, FiringsOfASlicedStageAreTheDocumentedOnes) {
  const Net net = expand_project({.rows = 2});
  const Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.a, net.b, net.c}, {{Level::slice, 6, true}, {Level::row, 1}},
                             {{net.a, Level::row, Level::slice}, {net.b, Level::row, Level::row}})});
  EXPECT_EQ(firings_by_rows(schedule),
            "a[0:1) a[1:2) b[0:1) c[0:1)+0:6 b[1:2) c[1:2)+0:6 "
            "a[0:1) a[1:2) b[0:1) c[0:1)+6:12 b[1:2) c[1:2)+6:12");
}

TEST(Slices, ChannelsOfTheDriverReadWhatIsThere) {
  // Slices of the output: the input is whole inside the stage and is not computed again.
  const Net net = two_convolutions();
  Schedule schedule =
      make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {{Level::slice, 3}, {Level::row, 2}},
                                           {{net.a, Level::call, Level::call}})});
  expect_good_packed(schedule);
  EXPECT_EQ(compute_cost(schedule).macs, compute_cost(schedule).macs_unplanned);
}

class DenseSlices : public testing::TestWithParam<ElementType> {};

TEST_P(DenseSlices, HiddenVectorIsNeverWhole) {
  const Net net = two_dense(GetParam());
  for (const std::int32_t step : {1, 5, 8, 24}) {
    Schedule schedule =
        make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {{Level::slice, step, true}},
                                             {{net.a, Level::slice, Level::slice, step}})});
    expect_good_packed(schedule);
    EXPECT_EQ(compute_cost(schedule).macs, compute_cost(schedule).macs_unplanned);
    EXPECT_EQ(buffer_for(schedule, net.a, 1).layout.fold, (Shape{1, step}));
  }
}

INSTANTIATE_TEST_SUITE_P(Types, DenseSlices,
                         testing::Values(ElementType::int8, ElementType::int16, ElementType::float32),
                         [](const auto &test) { return name_of(test.param); });

TEST(Slices, MeanEatsRowsAsTheyCome) {
  const Net net = convolution_mean({.rows = 7});
  Schedule schedule = make_schedule(
      net.graph,
      {make_stage(*net.graph, {net.a, net.b}, {{Level::row, 1, true}}, {{net.a, Level::row, Level::row}}),
       make_stage(*net.graph, {net.c})});
  expect_good_packed(schedule);
  EXPECT_EQ(compute_cost(schedule).macs, compute_cost(schedule).macs_unplanned);
  EXPECT_EQ(buffer_for(schedule, net.a, 1).layout.fold, (Shape{1, 1, 8, 4}));
  EXPECT_EQ(accumulator_of(schedule).size, 4 * 4);
}

TEST(Slices, FloatConvolutionInPartsOnlyWhereTheOrderOfAdditionsStays) {
  const Net pointwise = expand_project({.type = ElementType::float32});
  Schedule schedule = make_schedule(
      pointwise.graph,
      {make_stage(*pointwise.graph, {pointwise.a, pointwise.b, pointwise.c},
                  {{Level::slice, 5, true}, {Level::row, 1}},
                  {{pointwise.a, Level::row, Level::slice}, {pointwise.b, Level::row, Level::row}})});
  expect_good_packed(schedule);

  const Net wide = two_convolutions({.type = ElementType::float32});
  schedule = make_schedule(wide.graph, {make_stage(*wide.graph, {wide.a}),
                                        make_stage(*wide.graph, {wide.b}, {{Level::slice, 2, true}})});
  add_buffers(schedule);
  expect_refused(schedule, "cuts a reduction that there is not");
}

TEST(Slices, WideIntegerConvolutionInParts) {
  for (const ElementType type : {ElementType::int8, ElementType::int16}) {
    const Net net = two_convolutions({.type = type});
    Schedule schedule = make_schedule(
        net.graph, {make_stage(*net.graph, {net.a, net.b}, {{Level::slice, 3, true}, {Level::row, 1}},
                               {{net.a, Level::row, Level::slice}})});
    expect_good_packed(schedule);
    EXPECT_EQ(compute_cost(schedule).macs, compute_cost(schedule).macs_unplanned);
  }
}

}  // namespace
}  // namespace thimble::test
