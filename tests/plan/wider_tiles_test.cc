// Wider tiles: fewer firings of legal schedules within the bytes given.
#include "thimble/plan/wider_tiles.h"

#include <gtest/gtest.h>

#include "support/graph_builder.h"
#include "support/random_graph.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/firing.h"

namespace thimble::test {
namespace {

Plan plan_of(Graph graph) {
  return *search_plan(std::make_shared<const Graph>(std::move(graph)), {});
}

/// Shallow, deep and shallow again: the least arena fires pixel by pixel.
Graph convolutions() {
  GraphBuilder b(3);
  TensorId x = b.conv_2d(b.input({1, 16, 16, 8}), 48, {1, 1});
  x = b.conv_2d(b.depthwise_conv_2d(x, 1, {3, 3}), 8, {1, 1});
  x = b.depthwise_conv_2d(b.conv_2d(x, 48, {1, 1}), 1, {3, 3}, {2, 2});
  return b.build({b.conv_2d(x, 8, {1, 1})});
}

TEST(WiderTiles, SaveFiringsWhereThereIsRoom) {
  const Plan least = plan_of(convolutions());
  const std::int64_t own = least.schedule.regions[0].size;
  std::int64_t before = count_firings(least.schedule);
  for (const std::int64_t room : {0, 300, 1200}) {
    Plan plan = least;
    widen_tiles(plan, {}, own + room);
    EXPECT_LE(plan.schedule.regions[0].size, own + room);
    EXPECT_TRUE(check(plan.schedule)) << room;
    EXPECT_LE(count_firings(plan.schedule), before) << room;
    before = count_firings(plan.schedule);
  }
  EXPECT_LT(before, count_firings(least.schedule));
}

TEST(WiderTiles, OfRandomGraphsStayLegal) {
  int fewer = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto found = search_plan(std::make_shared<const Graph>(random_graph(seed)), {});
    if (!found) continue;
    Plan plan = *found;
    const std::int64_t most = plan.schedule.regions[0].size + 200;
    widen_tiles(plan, {}, most);
    EXPECT_LE(plan.schedule.regions[0].size, most) << "seed " << seed;
    EXPECT_TRUE(check(plan.schedule)) << "seed " << seed;
    fewer += count_firings(plan.schedule) < count_firings(found->schedule) ? 1 : 0;
  }
  EXPECT_GT(fewer, 0);
}

}  // namespace
}  // namespace thimble::test
