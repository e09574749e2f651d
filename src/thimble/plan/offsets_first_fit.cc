#include <algorithm>
#include <functional>
#include <numeric>

#include "thimble/base/checked.h"
#include "thimble/plan/offsets_problem.h"

namespace thimble {
namespace {

/// Orders worth trying, each a permutation of the block numbers; ties keep the blocks' own order.
std::vector<std::vector<std::int32_t>> classic_orders(std::span<const Block> blocks) {
  using Key = std::function<double(const Block &)>;
  const auto length = [](const Block &b) { return static_cast<double>(b.last - b.first + 1); };
  const Key keys[] = {
      [](const Block &b) { return -static_cast<double>(b.size); },  // large first (TFLM's greedy rule)
      [&](const Block &b) { return -static_cast<double>(b.size) * length(b); },  // large bytes x time first
      [&](const Block &b) { return -length(b); },                                // long-lived first
      [](const Block &b) { return static_cast<double>(b.first); },               // in order of birth
      [](const Block &b) { return -static_cast<double>(b.last); },  // in order of death, backwards
  };
  std::vector<std::vector<std::int32_t>> orders;
  for (const Key &key : keys) {
    std::vector<std::int32_t> order(blocks.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
      const Block &left = blocks[static_cast<std::size_t>(a)], &right = blocks[static_cast<std::size_t>(b)];
      const double left_key = key(left), right_key = key(right);
      return left_key != right_key ? left_key < right_key : left.size > right.size;
    });
    orders.push_back(std::move(order));
  }
  return orders;
}

/// Offsets between these two, both excluded, are taken.
struct Taken {
  std::int64_t low, high;
};

}  // namespace

Placement first_fit(const OffsetProblem &problem, std::span<const std::int32_t> order) {
  Placement placement;
  placement.offsets.assign(problem.items.size(), 0);
  std::vector<bool> placed(problem.items.size(), false);
  std::vector<Taken> taken;
  for (std::int32_t id : order) {
    const OffsetProblem::Item &item = problem.item(id);
    taken.clear();
    for (const Neighbour &n : item.neighbours) {
      const auto other = static_cast<std::size_t>(n.block);
      if (!placed[other]) continue;
      taken.push_back({placement.offsets[other] - n.to_other, placement.offsets[other] + n.from_other});
    }
    std::sort(taken.begin(), taken.end(), [](const Taken &a, const Taken &b) { return a.low < b.low; });
    std::int64_t offset = 0;
    for (const Taken &t : taken) {
      if (offset <= t.low) break;  // the gap before it is wide enough
      if (offset < t.high) offset = align_up(t.high, item.alignment);
    }
    placement.offsets[static_cast<std::size_t>(id)] = offset;
    placement.size = std::max(placement.size, offset + item.size);
    placed[static_cast<std::size_t>(id)] = true;
  }
  return placement;
}

Placement first_fit(std::span<const Block> blocks, std::span<const std::int32_t> order) {
  return first_fit(make_problem(blocks, {}), order);
}

Placement best_first_fit(const OffsetProblem &problem, std::span<const Block> blocks) {
  // Bounded in pairs of neighbours, so that large problems leave their time to the search.
  constexpr std::size_t kPerturbations = 400, kPairs = 20'000'000;
  std::size_t pairs = 1;
  for (const OffsetProblem::Item &item : problem.items) pairs += item.neighbours.size();
  const std::size_t perturbations = std::min(kPerturbations, kPairs / pairs);
  Placement best;
  std::vector<std::int32_t> best_order;
  for (const std::vector<std::int32_t> &order : classic_orders(blocks)) {
    Placement placement = first_fit(problem, order);
    if (best_order.empty() || placement.size < best.size) {
      best = std::move(placement);
      best_order = order;
    }
    if (best.size <= problem.bound) return best;
  }
  // Swap two turns of the best order; keep what is no worse. The generator is part of the result: fixed.
  std::uint32_t state = 12345;
  const auto draw = [&](std::size_t limit) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % limit;
  };
  for (std::size_t i = 0; i < perturbations && blocks.size() > 1; ++i) {
    std::vector<std::int32_t> order = best_order;
    const std::size_t a = draw(order.size());
    const std::size_t b = draw(order.size());
    std::swap(order[a], order[b]);
    Placement placement = first_fit(problem, order);
    if (placement.size > best.size) continue;
    best = std::move(placement);
    best_order = std::move(order);
    if (best.size <= problem.bound) break;
  }
  return best;
}

}  // namespace thimble
