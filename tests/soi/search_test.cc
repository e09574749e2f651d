// The search, against trying everything.
#include "thimble/soi/search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "soi/networks.h"
#include "support/random.h"
#include "thimble/soi/hold.h"

namespace thimble::test {
namespace {

using soi::Candidate;
using soi::SearchRequest;
using soi::Windows;

Windows some_windows(const Graph &graph) {
  return {random_inputs(graph, 1)[0], random_inputs(graph, 2)[0]};
}

/// All sets of compatible positions by their bits.
std::vector<std::vector<std::int32_t>> all_sets(const std::vector<soi::Position> &positions,
                                                std::size_t most) {
  std::vector<std::vector<std::int32_t>> sets;
  for (std::uint32_t bits = 1; bits < 1u << positions.size(); ++bits) {
    std::vector<std::int32_t> set;
    bool fits = true;
    for (std::size_t p = 0; p < positions.size(); ++p) {
      if ((bits >> p & 1) == 0) continue;
      for (const std::int32_t other : set)
        fits &= soi::compatible(positions[p], positions[static_cast<std::size_t>(other - 1)]);
      set.push_back(positions[p].number);
    }
    if (fits && set.size() <= most) sets.push_back(set);
  }
  return sets;
}

using Point = std::tuple<double, std::int64_t, std::int64_t, std::int64_t, std::int64_t, double>;

Point point_of(const Candidate &c) {
  return {c.cost.average, c.cost.peak, c.cost.critical, c.cost.state_bytes, c.cost.latency, c.error};
}

bool dominates(const Point &a, const Point &b) {
  const auto [a0, a1, a2, a3, a4, a5] = a;
  const auto [b0, b1, b2, b3, b4, b5] = b;
  return a != b && a0 <= b0 && a1 <= b1 && a2 <= b2 && a3 <= b3 && a4 <= b4 && a5 <= b5;
}

std::set<Point> front_of(const std::set<Point> &points) {
  std::set<Point> front;
  for (const Point &point : points) {
    bool beaten = false;
    for (const Point &other : points) beaten |= dominates(other, point);
    if (!beaten) front.insert(point);
  }
  return front;
}

double measured(const Timeline &net, const soi::Pairs &pairs, const SearchRequest &request,
                const Windows &windows, const soi::Baseline &baseline) {
  if (!request.training_free)
    return soi::injected_error(net.timed(), net.positions(), pairs, windows, baseline)->share();
  const auto held = soi::hold(net.timed(), net.positions(), pairs);
  return soi::output_error(net.graph, held->graph, windows, baseline)->share();
}

/// The front by definition: all candidates, guesses, the best of them measured, the best of those.
std::set<Point> by_force(const Timeline &net, const SearchRequest &request, const Windows &windows,
                         std::size_t &count) {
  const auto positions = net.positions();
  const auto baseline = soi::run_windows(net.graph, windows).value();
  std::map<Point, soi::Pairs> plans;
  std::set<Point> guessed;
  count = 0;
  for (const auto &set : all_sets(positions, request.most_pairs)) {
    for (const std::int32_t shift : request.shifts) {
      if (request.training_free && shift > 0) continue;
      const soi::Pairs pairs{set, shift};
      const auto made = request.training_free ? soi::hold(net.timed(), positions, pairs)
                                              : soi::compress(net.timed(), positions, pairs);
      EXPECT_TRUE(made);
      Candidate candidate{pairs, soi::stream_cost(made->graph, 1).value()};
      for (const std::int32_t number : set)
        candidate.error += measured(net, {{number}, shift}, request, windows, baseline);
      ++count;
      if (!soi::keeps(request.limits, candidate)) continue;
      guessed.insert(point_of(candidate));
      plans.try_emplace(point_of(candidate), pairs);
    }
  }
  std::set<Point> points;
  for (const Point &point : front_of(guessed)) {
    Point real = point;
    std::get<5>(real) = measured(net, plans.at(point), request, windows, baseline);
    points.insert(real);
  }
  return front_of(points);
}

TEST(Search, FindsWhatTryingEverythingFinds) {
  int networks = 0;
  std::size_t points = 0;
  for (const Family family : kFamilies) {
    for (std::uint64_t seed = 0; seed < 7; ++seed) {
      SCOPED_TRACE("family " + std::to_string(static_cast<int>(family)) + " seed " + std::to_string(seed));
      const Timeline net(random_soi_network(seed, family));
      const auto positions = net.positions();
      if (positions.empty()) continue;
      const Windows windows = some_windows(net.graph);
      SearchRequest request;
      request.most_pairs = seed % 3 + 1;
      request.shifts = {0, 1, 2};
      request.training_free = seed % 4 == 3;
      if (seed % 2 == 1) request.limits.average = 0.7 * soi::stream_cost(net.graph, 1)->average;
      const auto found = soi::search(net.timed(), positions, request, windows);
      ASSERT_TRUE(found) << found.error().text();
      std::size_t count = 0;
      const std::set<Point> expected = by_force(net, request, windows, count);
      EXPECT_EQ(found->candidates, count);
      EXPECT_EQ(found->refused, 0u);
      std::set<Point> front;
      for (const Candidate &candidate : found->front) {
        EXPECT_TRUE(candidate.measured);
        front.insert(point_of(candidate));
      }
      EXPECT_EQ(front, expected);
      ++networks;
      points += front.size();
    }
  }
  EXPECT_GE(networks, 17);
  EXPECT_GE(points, 35u);
}

TEST(Search, SetsOfSevenLevels) {
  const Timeline net(u_net(seven_levels()));
  EXPECT_EQ(soi::pair_sets(net.positions(), 1).size(), 7u);
  EXPECT_EQ(soi::pair_sets(net.positions(), 2).size(), 28u);
  EXPECT_EQ(soi::pair_sets(net.positions(), 3).size(), 63u);
}

TEST(Search, CountsLimitIt) {
  GraphBuilder builder(1);
  TensorId x = builder.input({1, 8, 1, 1});
  for (int i = 0; i < 80; ++i) x = causal_conv(builder, x, 1, 2);
  const Timeline net(builder.build({x}));
  EXPECT_EQ(net.positions().size(), 79u);
  SearchRequest request;
  const auto found = soi::search(net.timed(), net.positions(), request, some_windows(net.graph));
  ASSERT_FALSE(found) << "82,160 sets, each with three shifts";
  EXPECT_NE(found.error().text().find("more than 50000 plans"), std::string::npos) << found.error().text();
  EXPECT_FALSE(soi::search(net.timed(), {}, request, some_windows(net.graph))) << "no position";
}

TEST(Search, HugeNetworksHaveNoPositions) {
  GraphBuilder builder(1);
  TensorId x = builder.input({1, 8, 1, 1});
  for (int i = 0; i < 1000; ++i) x = builder.conv_2d(x, 1, {1, 1});
  Timeline net(builder.build({x}));
  const auto none = soi::positions(net.timed());
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().text().find("1001 operators"), std::string::npos) << none.error().text();
}

TEST(Search, LimitsThatCannotBeKeptAreExplained) {
  const Timeline net(u_net({{4, 6, 8}, {}, 0, 0, 4, 48}));
  const double full = soi::stream_cost(net.graph, 1)->average;
  SearchRequest request;
  request.limits.average = 0.01 * full;
  request.limits.critical = 0.9 * full;
  const auto found = soi::search(net.timed(), net.positions(), request, some_windows(net.graph));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->feasible, 0u);
  EXPECT_TRUE(found->front.empty());
  ASSERT_EQ(found->limits.size(), 2u);
  EXPECT_EQ(found->limits[0].name, "average");
  EXPECT_EQ(found->limits[0].kept, 0u);
  EXPECT_GT(found->limits[0].best, 0.01 * full);
  EXPECT_EQ(found->limits[0].nearest.numbers, (std::vector<std::int32_t>{1, 2, 3}));
  EXPECT_GT(found->limits[1].kept, 0u);
}

TEST(Deviation, SlowSignalsLoseLess) {
  const Timeline net(u_net({{4, 6, 8}, {}, 0, 0, 1, 48}));
  const auto error = [&](std::int32_t frames_per_turn) {
    Bytes window(48);
    for (std::size_t t = 0; t < window.size(); ++t)
      window[t] = static_cast<std::uint8_t>(
          static_cast<std::int8_t>(90 * std::sin(2 * M_PI * static_cast<double>(t) / frames_per_turn)));
    const auto baseline = soi::run_windows(net.graph, {window}).value();
    return soi::held_error(net.timed(), net.positions()[1], {{2}}, baseline)->share();
  };
  EXPECT_LT(error(40), error(10));
  EXPECT_LT(error(10), error(4));
}

}  // namespace
}  // namespace thimble::test
