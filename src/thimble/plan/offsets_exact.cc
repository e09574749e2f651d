#include <algorithm>

#include "thimble/base/checked.h"
#include "thimble/plan/offsets_search.h"

namespace thimble {
namespace {

/// Searches with many orders in turn. Times are heavy-tailed: an order that suits the problem answers after
/// some thousand nodes, another one not after millions. So short searches with ever new variations take about
/// two thirds of the nodes; the rest goes to classic orders with growing limits, which can also prove that
/// there is nothing.
CapacityResult try_capacity(const OffsetProblem &problem, std::int64_t capacity, std::int64_t budget) {
  constexpr std::int64_t kFirstLimit = 1000, kShort = 4000;
  const std::vector<SearchOrder> classic = classic_search_orders(problem);
  std::uint32_t generator = 1;
  CapacityResult result;
  const auto decided = [&](const SearchOrder &order, std::int64_t limit) {
    const std::int64_t left = budget - result.nodes;
    if (left <= 0) return true;
    CapacityResult once = search_capacity(problem, capacity, order, std::min(limit, left));
    once.nodes += result.nodes;
    result = std::move(once);
    return result.verdict != Verdict::limit;
  };
  for (std::int64_t limit = kFirstLimit;; limit *= 2) {
    const std::int64_t before = result.nodes;
    for (const SearchOrder &order : classic) {
      if (decided(order, limit)) return result;
    }
    const std::int64_t end = result.nodes + 2 * (result.nodes - before);
    while (result.nodes < end) {
      if (decided(blurred_search_order(problem, generator), kShort)) return result;
    }
  }
}

std::int64_t size_of(const OffsetProblem &problem, const std::vector<std::int64_t> &offsets) {
  std::int64_t size = 0;
  for (std::size_t i = 0; i < offsets.size(); ++i) size = std::max(size, offsets[i] + problem.items[i].size);
  return size;
}

}  // namespace

ExactPlacement place_exact(std::span<const Block> blocks, std::span<const Overlap> overlaps,
                           const ExactOptions &options) {
  const OffsetProblem problem = make_problem(blocks, overlaps);
  ExactPlacement best;
  static_cast<Placement &>(best) = best_first_fit(problem, blocks);
  best.lower_bound = problem.bound;

  const std::int64_t enough = std::max(options.enough, align_up(best.lower_bound, options.unit));
  // Sizes up to `tried` have been searched in vain; up to lower_bound - 1 they are impossible.
  std::int64_t tried = best.lower_bound - 1;
  std::int64_t capacity = enough;
  while (best.size > enough && best.size > tried + problem.step && best.nodes < options.nodes) {
    const std::int64_t left = options.nodes - best.nodes;
    const CapacityResult result = try_capacity(problem, capacity, (left + 1) / 2);
    best.nodes += result.nodes;
    if (result.verdict == Verdict::found) {
      best.offsets = result.offsets;
      best.size = size_of(problem, best.offsets);
    } else {
      tried = capacity;
      if (result.verdict == Verdict::impossible) best.lower_bound = align_up(capacity + 1, problem.step);
    }
    capacity = std::max(tried + 1, (tried + best.size) / 2) / problem.step * problem.step;
    if (capacity <= tried) capacity += problem.step;
  }
  best.proved = best.size <= align_up(best.lower_bound, options.unit);
  return best;
}

FittedPlacement place_within(std::span<const Block> blocks, std::span<const Overlap> overlaps,
                             std::int64_t capacity, std::int64_t nodes) {
  const OffsetProblem problem = make_problem(blocks, overlaps);
  FittedPlacement fitted;
  if (problem.bound > capacity) {
    fitted.verdict = Verdict::impossible;
    return fitted;
  }
  static_cast<Placement &>(fitted) = best_first_fit(problem, blocks);
  if (fitted.size > capacity && nodes > 0) {
    CapacityResult searched = try_capacity(problem, capacity, nodes);
    fitted.verdict = searched.verdict;
    if (searched.verdict == Verdict::found) {
      fitted.offsets = std::move(searched.offsets);
      fitted.size = size_of(problem, fitted.offsets);
    }
  }
  if (fitted.size <= capacity) fitted.verdict = Verdict::found;
  return fitted;
}

Placement place(std::span<const Block> blocks) {
  ExactOptions options;
  options.nodes = 50'000;
  return place_exact(blocks, {}, options);
}

}  // namespace thimble
