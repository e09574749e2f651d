// The planner's bound against an enumeration of everything that it may choose from, on small random networks.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "support/random_graph.h"
#include "thimble/plan/candidate_orders.h"
#include "thimble/plan/cuts.h"
#include "thimble/plan/plan.h"

namespace thimble {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

std::shared_ptr<const Graph> random_network(std::uint64_t seed) {
  test::RandomGraphOptions options;
  options.steps = 1 + static_cast<int>(seed % 6);
  options.most_side = 7;
  options.most_channels = 4;
  Graph graph = test::random_graph(seed, options);
  return std::make_shared<const Graph>(std::move(graph));
}

bool small(const Graph &graph) {
  return graph.ops.size() <= 9;
}

/// Tensors that a stage of pixels may make in whole lines: inputs of operators with several operands, and
/// tensors with several readers in the stage. Written anew: the planner's own list is on trial.
std::vector<TensorId> may_be_lines(const Graph &graph, std::span<const OpId> ops) {
  std::vector<TensorId> found;
  for (const OpId maker : ops.first(ops.size() - 1)) {
    const TensorId made = graph.op(maker).output();
    int readers = 0;
    bool joined = false;
    for (const OpId id : ops) {
      const std::vector<TensorId> &inputs = graph.op(id).inputs;
      if (std::find(inputs.begin(), inputs.end(), made) == inputs.end()) continue;
      ++readers;
      joined |= std::any_of(inputs.begin(), inputs.end(), [&](TensorId other) {
        return other != kNone && other != made && !graph.tensor(other).constant();
      });
    }
    if ((joined || readers > 1) && !graph.op(maker).is<Input>()) found.push_back(made);
  }
  return found;
}

/// All ways to sum the run slice by slice without computing anything twice.
std::vector<StageChoice> slices_of_run(StageCosts &costs, std::int32_t first, std::int32_t last) {
  std::vector<StageChoice> choices;
  for (const Grain grain : {Grain::slices, Grain::slices_of_lines}) {
    for (std::int32_t channels = 1; channels < costs.reduction(last); ++channels) {
      for (const std::int32_t width : costs.sum_widths(last)) {
        StageChoice choice{first, last, {grain}};
        choice.form.channels = channels;
        choice.form.sum_bytes = width;
        for (const std::int32_t step : {1, 2, 4}) {
          choice.form.step = step;
          if (costs.estimate_slices(choice)) choices.push_back(choice);
        }
      }
    }
  }
  return choices;
}

/// The least that any stage of positions first .. last needs.
std::int64_t least_of_run(const Graph &graph, StageCosts &costs, std::int32_t first, std::int32_t last) {
  std::vector<StageChoice> choices;
  if (first == last) choices.push_back({first, last, {}});
  choices.push_back({first, last, {Grain::lines, Sweep::rows}});
  choices.push_back({first, last, {Grain::lines, Sweep::columns}});
  const std::span<const OpId> ops =
      std::span(costs.order())
          .subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first + 1));
  const std::vector<TensorId> lines = may_be_lines(graph, ops);
  for (const std::int32_t pixels : {1, 2, 4, 8, 16}) {
    for (std::size_t subset = 0; subset < std::size_t{1} << lines.size(); ++subset) {
      StageChoice choice{first, last, {Grain::pixels, Sweep::rows, pixels}};
      for (std::size_t i = 0; i < lines.size(); ++i) {
        if ((subset >> i & 1) != 0) choice.form.lines.push_back(lines[i]);
      }
      choices.push_back(std::move(choice));
    }
  }
  std::int64_t least = kNever;
  for (const StageChoice &choice : choices) {
    if (costs.estimate(choice)) least = std::min(least, costs.count(choice).bytes);
  }
  for (const StageChoice &choice : slices_of_run(costs, first, last)) {
    least = std::min(least, costs.count(choice).bytes);
  }
  return least;
}

/// All cuts: bit p says whether a stage ends at position p.
std::int64_t brute_force(const Graph &graph, const std::vector<OpId> &order, bool row_fed) {
  StageCosts costs(graph, order, {1, false, row_fed, false});
  const std::int32_t begin = costs.first_position();
  const auto end = static_cast<std::int32_t>(order.size());
  const auto size = static_cast<std::size_t>(end);
  std::vector<std::vector<std::int64_t>> runs(size, std::vector<std::int64_t>(size, kNever));
  for (std::int32_t first = begin; first < end; ++first) {
    for (std::int32_t last = first; last < end; ++last) {
      runs[static_cast<std::size_t>(first)][static_cast<std::size_t>(last)] =
          least_of_run(graph, costs, first, last);
    }
  }
  std::int64_t best = kNever;
  for (std::uint32_t cuts = 0; cuts < 1u << (end - begin - 1); ++cuts) {
    std::int64_t peak = 0;
    std::int32_t first = begin;
    for (std::int32_t p = begin; p < end; ++p) {
      if (p + 1 < end && (cuts >> (p - begin) & 1) == 0) continue;
      peak = std::max(peak, runs[static_cast<std::size_t>(first)][static_cast<std::size_t>(p)]);
      first = p + 1;
    }
    best = std::min(best, peak);
  }
  return best;
}

TEST(BruteForce, NoCutsNeedLessThanTheBoundAndSomeNeedNoMore) {
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const auto graph = random_network(seed);
    if (!small(*graph)) continue;
    for (const InputMode input : {InputMode::consumed, InputMode::rows}) {
      const PlanOptions options{.alignment = 1, .input = input};
      const auto plan = search_plan(graph, options);
      if (!plan) continue;  // an input that cannot be fed in rows
      std::int64_t least = kNever;
      for (const std::vector<OpId> &order : searched_orders(*graph, options)) {
        least = std::min(least, brute_force(*graph, order, input == InputMode::rows));
      }
      EXPECT_EQ(plan->lower_bound_bytes, least) << "seed " << seed << ' ' << name_of(input);
      EXPECT_GE(plan->schedule.regions[0].size, plan->lower_bound_bytes)
          << "seed " << seed << ' ' << name_of(input);
      ++compared;
    }
  }
  EXPECT_GT(compared, 300);
}

TEST(BruteForce, AnEstimateOfPixelsIsNeverTooMuch) {
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const auto graph = random_network(seed);
    if (!small(*graph)) continue;
    StageCosts costs(*graph, candidate_orders(*graph)[0], {1});
    const auto end = static_cast<std::int32_t>(costs.order().size());
    for (std::int32_t last = costs.first_position(); last < end; ++last) {
      for (std::int32_t first = costs.first_position(); first <= last; ++first) {
        for (const std::int32_t pixels : {1, 2, 4}) {
          StageChoice choice{first, last, {Grain::pixels, Sweep::rows, pixels}};
          const auto expected = costs.estimate(choice);
          if (!expected) continue;
          ASSERT_LE(expected->bytes, costs.measure(choice).bytes)
              << "seed " << seed << " stage " << first << ".." << last << " by " << pixels;
          ++compared;
        }
      }
    }
  }
  EXPECT_GT(compared, 2000);
}

TEST(BruteForce, AnEstimateOfSlicesIsNeverTooMuch) {
  int compared = 0;
  int exact = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const auto graph = random_network(seed);
    if (!small(*graph)) continue;
    StageCosts costs(*graph, candidate_orders(*graph)[0], {1});
    const auto end = static_cast<std::int32_t>(costs.order().size());
    for (std::int32_t last = costs.first_position(); last < end; ++last) {
      for (std::int32_t first = costs.first_position(); first <= last; ++first) {
        for (const StageChoice &choice : slices_of_run(costs, first, last)) {
          const std::int64_t expected = costs.estimate_slices(choice)->bytes;
          const std::int64_t counted = costs.count(choice).bytes;
          ASSERT_LE(expected, counted)
              << "seed " << seed << " stage " << first << ".." << last << " by " << choice.form.channels;
          ++compared;
          exact += expected == counted ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(compared, 200);
  EXPECT_GT(exact, compared / 2);
}

/// Negative control: with stages forbidden, the enumeration finds less than the search.
TEST(BruteForce, NoticesASmallerSpace) {
  int differ = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto graph = random_network(seed);
    if (!small(*graph)) continue;
    const auto plan = search_plan(graph, {.alignment = 1, .space = PlanSpace::whole});
    ASSERT_TRUE(plan);
    differ += plan->lower_bound_bytes > brute_force(*graph, candidate_orders(*graph)[0], false) ? 1 : 0;
  }
  EXPECT_GT(differ, 5);
}

std::shared_ptr<const Graph> build(test::GraphBuilder &builder, std::vector<TensorId> outputs) {
  return std::make_shared<const Graph>(builder.build(std::move(outputs)));
}

/// Two branches that the file interleaves: both grow before either shrinks.
TEST(CandidateOrders, FinishOneBranchBeforeTheNext) {
  test::GraphBuilder builder(1);
  const TensorId x = builder.input({1, 4, 4, 2});
  const TensorId wide_a = builder.fully_connected(builder.reshape(x, {1, 32}), 200);
  const TensorId wide_b = builder.fully_connected(builder.reshape(x, {1, 32}), 200);
  const TensorId a = builder.fully_connected(wide_a, 8);
  const TensorId b = builder.fully_connected(wide_b, 8);
  const auto graph = build(builder, {builder.add(a, b)});
  const auto orders = candidate_orders(*graph);
  ASSERT_GE(orders.size(), 2u);
  for (const std::vector<OpId> &order : orders) {
    ASSERT_EQ(order.size(), graph->ops.size());
    EXPECT_TRUE(graph->op(order[0]).is<Input>());
  }
  const auto plan = search_plan(graph, {.alignment = 1, .space = PlanSpace::whole});
  ASSERT_TRUE(plan);
  // One wide vector beside the input and the other branch's result: in the file's order both are there.
  EXPECT_EQ(plan->schedule.regions[0].size, 32 + 200 + 8);
  EXPECT_EQ(plan->lower_bound_bytes, plan->schedule.regions[0].size);
}

TEST(CandidateOrders, AChainHasOne) {
  test::GraphBuilder builder(2);
  TensorId x = builder.input({1, 6, 6, 2});
  for (int i = 0; i < 5; ++i) x = builder.add(builder.conv_2d(x, 2, {3, 3}), x);
  EXPECT_EQ(candidate_orders(*build(builder, {x})).size(), 1u);
}

}  // namespace
}  // namespace thimble
