// Lowered loop nests fire what the enumerator fires (lower_stage compares), and need few cursors.
#include "thimble/schedule/nest.h"

#include <gtest/gtest.h>

#include <map>

#include "base_schedules.h"
#include "nets.h"
#include "random_schedule.h"
#include "support/random_graph.h"
#include "thimble/schedule/cursors.h"
#include "thimble/schedule/measure.h"

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
  int windows_in_rows = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    RandomGraphOptions options;
    options.steps = 3 + static_cast<int>(seed % 8);
    const auto graph = std::make_shared<const Graph>(random_graph(seed, options));
    const Schedule schedule = random_schedule(graph, random);
    if (verify_structure(schedule)) expect_lowered(schedule, "random " + std::to_string(seed));
    for (const Stage &stage : schedule.stages) {
      for (const StageTensor &inner : stage.inner) windows_in_rows += inner.within != kNone ? 1 : 0;
    }
  }
  EXPECT_GT(windows_in_rows, 1);
}

// a is a window inside b's rows, b a FIFO read by c: every row of b computes the rows of a anew, and b itself
// is computed once.
TEST(Nest, WindowsInsideTheRowsOfAFifo) {
  GraphBuilder builder(5);
  const TensorId x = builder.input({1, 9, 8, 2});
  const TensorId a = builder.conv_2d(x, 3, {3, 3});
  const TensorId b = builder.conv_2d(a, 2, {3, 3});
  const TensorId c = builder.conv_2d(b, 2, {3, 3});
  const auto graph = std::make_shared<const Graph>(builder.build({c}));
  Schedule schedule = make_schedule(
      graph, {make_stage(*graph, {a, b, c}, {{Level::row, 1}, {Level::column, 1}},
                         {{a, Level::column, Level::row, 1, b}, {b, Level::column, Level::call, 1}})});
  ASSERT_TRUE(verify_structure(schedule)) << verify_structure(schedule).error().text();
  std::map<OpId, int> pixels;
  for_each_firing(schedule, [&](const Firing &firing) {
    pixels[firing.op] += firing.tile.axis[1].size() * firing.tile.axis[2].size();
  });
  EXPECT_EQ(pixels[maker_of(*graph, a)], (2 + 7 * 3 + 2) * 8);
  EXPECT_EQ(pixels[maker_of(*graph, b)], 9 * 8);
  EXPECT_EQ(measure_fold(schedule, 1, a), (Shape{1, 3, 3, 3}));
  // Its rows are made as wholes, so that a is there for one row at a time only.
  EXPECT_EQ(measure_fifo_pixels(schedule, 1, b), 3 * 8);
  expect_lowered(schedule, "chain");
  add_buffers(schedule, Packing::shared, true);
  expect_good(schedule);

  // Read outside of b's rows it would be in whatever state b has left it.
  schedule.stages[1].inner[0].within = c;
  EXPECT_FALSE(verify_structure(schedule));
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
