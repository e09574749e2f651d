// Which means move on by sums that are kept, and what those are of.
#include "thimble/schedule/running_window.h"

#include <gtest/gtest.h>

#include "support/graph_builder.h"

namespace thimble::test {
namespace {

/// A moving mean of so many elements over `axes` of an input.
std::optional<RunningWindow> moving_mean(const Shape &shape, const std::vector<std::int32_t> &axes,
                                         std::int32_t window, ElementType type = ElementType::int8) {
  GraphBuilder builder(1, type);
  const TensorId x = builder.input(shape);
  Graph graph = builder.build({builder.mean(x, axes, true)});
  graph.ops.back().attributes = Mean{axes, true, window};
  return running_window(graph, graph.ops.back());
}

std::optional<RunningWindow> pool(const Shape &shape, Step2D filter, Step2D stride) {
  GraphBuilder builder(1);
  const TensorId x = builder.input(shape);
  const Graph graph = builder.build({builder.average_pool_2d(x, filter, stride, PaddingRule::valid())});
  return running_window(graph, graph.ops.back());
}

void expect(const std::optional<RunningWindow> &window, int axis, std::int32_t length, std::int32_t rows,
            std::int32_t sums) {
  ASSERT_TRUE(window);
  EXPECT_EQ(window->axis, axis);
  EXPECT_EQ(window->length, length);
  EXPECT_EQ(window->rows, rows);
  EXPECT_EQ(window->sums, sums);
}

TEST(RunningWindow, SumsAreOfNeighboursInMemory) {
  expect(moving_mean({1, 20, 5, 8}, {1, 2}, 12), 1, 12, 5, 8);
  expect(moving_mean({1, 20, 5, 8}, {1}, 12), 1, 12, 1, 40);
  expect(moving_mean({1, 20, 8}, {1}, 4), 1, 4, 1, 8);
  expect(pool({1, 30, 5, 8}, {25, 5}, {1, 1}), 1, 25, 5, 8);
  expect(pool({1, 30, 5, 8}, {25, 1}, {1, 1}), 1, 25, 1, 40);
  expect(pool({1, 1, 30, 8}, {1, 25}, {1, 1}), 2, 25, 1, 8);
}

TEST(RunningWindow, OthersAreSummedAnew) {
  EXPECT_FALSE(moving_mean({1, 20, 5, 8}, {1, 2}, 0)) << "it does not move";
  EXPECT_FALSE(moving_mean({1, 20, 5, 8}, {1, 2}, 3)) << "it has few elements";
  EXPECT_FALSE(moving_mean({1, 20, 5, 8}, {1, 3}, 12)) << "channels are summed, columns are not";
  EXPECT_FALSE(moving_mean({1, 20, 5, 8}, {1, 2}, 12, ElementType::float32)) << "sums of floats are rounded";
  EXPECT_FALSE(pool({1, 30, 5, 8}, {25, 5}, {2, 1})) << "two elements are new";
  EXPECT_FALSE(pool({1, 30, 5, 8}, {25, 3}, {1, 1})) << "windows overlap in columns";
  EXPECT_FALSE(pool({1, 2, 30, 8}, {1, 25}, {1, 1})) << "elements of time lie apart";
}

}  // namespace
}  // namespace thimble::test
