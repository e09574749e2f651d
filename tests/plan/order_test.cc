#include "thimble/plan/order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "support/order_problems.h"
#include "support/random.h"

namespace thimble {
namespace {

/// What running `op` costs after the operators of the mask `done`, from the definition.
struct Memory {
  std::int64_t during = 0, after = 0;
};

bool live_after(const OrderProblem &problem, std::size_t tensor, std::uint32_t done) {
  bool produced = true, read_later = false;
  for (std::size_t i = 0; i < problem.ops.size(); ++i) {
    const OrderOp &op = problem.ops[i];
    const bool ran = (done >> i & 1) != 0;
    if (op.output == static_cast<std::int32_t>(tensor)) produced = ran;
    if (!ran && std::count(op.inputs.begin(), op.inputs.end(), static_cast<std::int32_t>(tensor)) != 0)
      read_later = true;
  }
  return produced && (read_later || problem.tensors[tensor].kept);
}

Memory memory_of(const OrderProblem &problem, std::uint32_t done, std::size_t id) {
  const OrderOp &op = problem.ops[id];
  const std::uint32_t next = done | 1u << id;
  const std::int64_t output = problem.tensors[static_cast<std::size_t>(op.output)].bytes;
  Memory memory;
  std::int64_t saved = 0;
  for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
    const std::int64_t bytes = problem.tensors[t].bytes;
    if (live_after(problem, t, done)) memory.during += bytes;
    if (live_after(problem, t, next)) memory.after += bytes;
    bool replaceable = std::count(op.inputs.begin(), op.inputs.end(), static_cast<std::int32_t>(t)) != 0;
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      if (op.inputs[j] == static_cast<std::int32_t>(t) && (op.in_place.empty() || op.in_place[j] == 0))
        replaceable = false;
    }
    if (replaceable && !live_after(problem, t, next)) saved = std::max(saved, std::min(bytes, output));
  }
  memory.during += output + op.workspace - saved;
  return memory;
}

/// Least peak over all orders, by dynamic programming over every set of operators.
std::int64_t brute_force(const OrderProblem &problem) {
  const std::size_t count = problem.ops.size();
  std::vector<std::uint32_t> needed(count, 0);
  std::int64_t start = 0;
  for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
    if (live_after(problem, t, 0)) start += problem.tensors[t].bytes;
    for (std::size_t i = 0; i < count; ++i) {
      if (problem.ops[i].output != static_cast<std::int32_t>(t)) continue;
      for (std::size_t j = 0; j < count; ++j) {
        const auto &inputs = problem.ops[j].inputs;
        if (std::count(inputs.begin(), inputs.end(), static_cast<std::int32_t>(t)) != 0) needed[j] |= 1u << i;
      }
    }
  }
  constexpr std::int64_t unreached = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> peak(std::size_t{1} << count, unreached);
  peak[0] = start;
  for (std::uint32_t done = 0; done + 1 < peak.size(); ++done) {
    if (peak[done] == unreached) continue;
    for (std::size_t i = 0; i < count; ++i) {
      if ((done >> i & 1) != 0 || (needed[i] & ~done) != 0) continue;
      std::int64_t &next = peak[done | 1u << i];
      next = std::min(next, std::max(peak[done], memory_of(problem, done, i).during));
    }
  }
  return peak.back();
}

/// The peak of an order by the definition above.
std::int64_t slow_peak(const OrderProblem &problem, const std::vector<std::int32_t> &order) {
  std::int64_t peak = 0;
  for (std::size_t t = 0; t < problem.tensors.size(); ++t)
    peak += live_after(problem, t, 0) ? problem.tensors[t].bytes : 0;
  std::uint32_t done = 0;
  for (std::int32_t op : order) {
    peak = std::max(peak, memory_of(problem, done, static_cast<std::size_t>(op)).during);
    done |= 1u << op;
  }
  return peak;
}

void expect_executable(const OrderProblem &problem, const std::vector<std::int32_t> &order) {
  ASSERT_EQ(order.size(), problem.ops.size());
  std::vector<bool> there(problem.tensors.size(), true);
  for (const OrderOp &op : problem.ops) there[static_cast<std::size_t>(op.output)] = false;
  for (std::int32_t id : order) {
    const OrderOp &op = problem.ops[static_cast<std::size_t>(id)];
    for (std::int32_t input : op.inputs) EXPECT_TRUE(there[static_cast<std::size_t>(input)]);
    EXPECT_FALSE(there[static_cast<std::size_t>(op.output)]) << "runs twice";
    there[static_cast<std::size_t>(op.output)] = true;
  }
}

TEST(SearchOrder, EqualsBruteForceOnRandomGraphs) {
  int greedy_was_enough = 0, searched = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    test::Random random(seed);
    // Most are small: the reference looks at every set of operators.
    const int most = seed % 50 == 0 ? 14 : 10;
    const OrderProblem problem = test::random_order_problem(random, random.integer(1, most));
    const OrderResult result = search_order(problem);
    expect_executable(problem, result.order);
    ASSERT_EQ(result.peak, brute_force(problem)) << "seed " << seed;
    EXPECT_EQ(result.peak, slow_peak(problem, result.order));
    EXPECT_EQ(result.lower_bound, result.peak);
    EXPECT_TRUE(result.exact);
    (result.states == 0 ? greedy_was_enough : searched) += 1;
  }
  // Both ways were tested.
  EXPECT_GT(greedy_was_enough, 100);
  EXPECT_GT(searched, 100);
}

TEST(SearchOrder, BoundIsValidAndOrdersAreLegalUnderEveryLimit) {
  int inexact = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    test::Random random(5000 + seed);
    const OrderProblem problem = test::random_order_problem(random, random.integer(6, 10));
    const std::int64_t best = brute_force(problem);
    OrderOptions options;
    options.states = random.integer(1, 12);
    options.beam = random.integer(1, 2);
    const OrderResult result = search_order(problem, options);
    expect_executable(problem, result.order);
    EXPECT_EQ(result.peak, slow_peak(problem, result.order));
    EXPECT_GE(result.peak, best);
    EXPECT_LE(result.lower_bound, best) << "seed " << seed;
    EXPECT_EQ(result.exact, result.peak == result.lower_bound);
    inexact += result.exact ? 0 : 1;
  }
  EXPECT_GT(inexact, 0) << "the limits were never felt";
}

TEST(SearchOrder, RunsTheHeavyBranchFirst) {
  // Input 10; branch A: 10 -> 50 -> 5, branch B: 10 -> 20 -> 15; join to 5. File order runs B first: 10 + 15
  // + 50 + 5.
  OrderProblem problem;
  for (std::int64_t bytes : {10, 20, 15, 50, 5, 5}) problem.tensors.push_back({bytes, false});
  problem.tensors.back().kept = true;
  problem.ops = {{{0}, 1, 0, {}}, {{1}, 2, 0, {}}, {{0}, 3, 0, {}}, {{3}, 4, 0, {}}, {{2, 4}, 5, 0, {}}};
  EXPECT_EQ(peak_of(problem, std::vector<std::int32_t>{0, 1, 2, 3, 4}), 75);
  const OrderResult result = search_order(problem);
  EXPECT_EQ(result.order, (std::vector<std::int32_t>{2, 3, 0, 1, 4}));
  EXPECT_EQ(result.peak, 65);
  EXPECT_TRUE(result.exact);
}

TEST(SearchOrder, InPlaceAndWorkspaceCount) {
  // 40 -> 40 in place needs 40, not 80; with 8 bytes of workspace 48; not in place when the input is wanted
  // again.
  OrderProblem problem;
  problem.tensors = {{40, false}, {40, true}};
  problem.ops = {{{0}, 1, 8, {1}}};
  EXPECT_EQ(search_order(problem).peak, 48);
  problem.tensors[0].kept = true;
  EXPECT_EQ(search_order(problem).peak, 88);
}

TEST(SearchOrder, HandlesNothing) {
  EXPECT_TRUE(search_order({}).order.empty());
  EXPECT_EQ(search_order({}).peak, 0);
  EXPECT_TRUE(search_order({}).exact);
}

TEST(SearchOrder, CellNetworksOfAHundredOperatorsTakeFewStates) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (int chain = 1; chain <= 2; ++chain) {
      test::Random random(seed);
      const OrderProblem problem = test::cell_network(random, 4, 5, chain);
      EXPECT_GE(problem.ops.size(), 70u);
      const OrderResult result = search_order(problem);
      expect_executable(problem, result.order);
      EXPECT_TRUE(result.exact);
      EXPECT_LE(result.states, 2000) << problem.ops.size() << " operators, seed " << seed;
    }
  }
}

TEST(SearchOrder, MoreThanTwoWordsOfOperators) {
  // 60 independent chains of 5 operators from one input to one join: 302 operators that nothing orders.
  OrderProblem problem;
  problem.tensors.push_back({10, false});
  OrderOp join;
  for (int chain = 0; chain < 60; ++chain) {
    std::int32_t last = 0;
    for (std::int64_t bytes : {30, 20, 40, 10, 2}) {
      const auto output = static_cast<std::int32_t>(problem.tensors.size());
      problem.tensors.push_back({bytes + chain % 3, false});
      problem.ops.push_back({{last}, output, 0, {}});
      last = output;
    }
    join.inputs.push_back(last);
  }
  join.output = static_cast<std::int32_t>(problem.tensors.size());
  problem.tensors.push_back({1, true});
  problem.ops.push_back(join);
  const OrderResult result = search_order(problem, {2000, 20});
  expect_executable(problem, result.order);
  EXPECT_LE(result.lower_bound, result.peak);
  EXPECT_EQ(result.peak, peak_of(problem, result.order));
}

TEST(SearchOrder, IsDeterministic) {
  test::Random random(77);
  const OrderProblem problem = test::random_wired(random, 30);
  const OrderResult a = search_order(problem), b = search_order(problem);
  EXPECT_EQ(a.order, b.order);
  EXPECT_EQ(a.states, b.states);
}

}  // namespace
}  // namespace thimble
