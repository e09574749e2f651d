#include "thimble/plan/offsets_problem.h"

#include <algorithm>
#include <numeric>

#include "thimble/base/checked.h"

namespace thimble {
namespace {

/// Numbers the cliques: a new one begins at the first death after a birth. Firings are integers, so that a
/// block that dies at firing 4 and one that is born at 5 do not meet.
void find_cliques(std::span<const Block> blocks, OffsetProblem &problem) {
  struct Event {
    std::int64_t firing;
    bool death;
    std::int32_t block;
  };
  std::vector<Event> events;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].size == 0) continue;
    events.push_back({blocks[i].first, false, static_cast<std::int32_t>(i)});
    events.push_back({blocks[i].last, true, static_cast<std::int32_t>(i)});
  }
  std::sort(events.begin(), events.end(), [](const Event &a, const Event &b) {
    if (a.firing != b.firing) return a.firing < b.firing;
    return a.death != b.death ? b.death : a.block < b.block;
  });
  bool grew = false;
  for (const Event &event : events) {
    OffsetProblem::Item &item = problem.items[static_cast<std::size_t>(event.block)];
    if (!event.death) {
      item.first_clique = problem.cliques;
      grew = true;
      continue;
    }
    problem.cliques += grew ? 1 : 0;
    grew = false;
    item.end_clique = problem.cliques;
  }
}

void find_neighbours(OffsetProblem &problem) {
  std::vector<std::int32_t> by_birth;
  for (std::size_t i = 0; i < problem.items.size(); ++i) {
    if (!problem.items[i].empty()) by_birth.push_back(static_cast<std::int32_t>(i));
  }
  std::stable_sort(by_birth.begin(), by_birth.end(), [&](std::int32_t a, std::int32_t b) {
    return problem.item(a).first_clique < problem.item(b).first_clique;
  });
  for (std::size_t i = 0; i < by_birth.size(); ++i) {
    OffsetProblem::Item &a = problem.items[static_cast<std::size_t>(by_birth[i])];
    for (std::size_t j = i + 1; j < by_birth.size(); ++j) {
      OffsetProblem::Item &b = problem.items[static_cast<std::size_t>(by_birth[j])];
      if (b.first_clique >= a.end_clique) break;
      a.neighbours.push_back({by_birth[j], a.padded, b.padded});
      b.neighbours.push_back({by_birth[i], b.padded, a.padded});
    }
  }
  for (OffsetProblem::Item &item : problem.items) {
    std::sort(item.neighbours.begin(), item.neighbours.end(),
              [](const Neighbour &a, const Neighbour &b) { return a.block < b.block; });
  }
}

Neighbour *find_neighbour(OffsetProblem::Item &item, std::int32_t block) {
  const auto place = std::lower_bound(item.neighbours.begin(), item.neighbours.end(), block,
                                      [](const Neighbour &n, std::int32_t b) { return n.block < b; });
  return place != item.neighbours.end() && place->block == block ? &*place : nullptr;
}

void permit(OffsetProblem &problem, const Overlap &overlap) {
  OffsetProblem::Item &below = problem.items[static_cast<std::size_t>(overlap.below)];
  OffsetProblem::Item &above = problem.items[static_cast<std::size_t>(overlap.above)];
  Neighbour *up = find_neighbour(below, overlap.above);
  if (up == nullptr) return;  // never live together
  const std::int64_t distance = align_up(overlap.distance, problem.grain);
  up->to_other = std::min(up->to_other, distance);
  find_neighbour(above, overlap.below)->from_other = up->to_other;
}

/// What a pair can have in common at most, whichever of the two lies lower.
void find_savings(OffsetProblem &problem) {
  for (std::size_t i = 0; i < problem.items.size(); ++i) {
    OffsetProblem::Item &a = problem.items[i];
    for (const Neighbour &n : a.neighbours) {
      if (n.block < static_cast<std::int32_t>(i)) continue;
      OffsetProblem::Item &b = problem.items[static_cast<std::size_t>(n.block)];
      const std::int64_t bytes =
          std::max(std::min(a.padded - n.to_other, b.padded), std::min(b.padded - n.from_other, a.padded));
      if (bytes == 0) continue;
      const auto index = static_cast<std::int32_t>(problem.savings.size());
      a.savings.push_back(index);
      b.savings.push_back(index);
      problem.savings.push_back({static_cast<std::int32_t>(i), n.block, bytes,
                                 std::max(a.first_clique, b.first_clique),
                                 std::min(a.end_clique, b.end_clique)});
    }
  }
}

/// Bytes that the blocks of one clique cover at least. The union of sets is at least the sum of their sizes
/// less the pairwise intersections, and also at least the union of some of them: a block that takes part in
/// so many pairs that it would lower the sum is left out.
std::int64_t covered(const OffsetProblem &problem, std::vector<std::int32_t> blocks) {
  std::int64_t largest = 0;
  for (std::int32_t block : blocks) largest = std::max(largest, problem.item(block).padded);
  for (;;) {
    std::int64_t sum = 0, worst = 0;
    auto leave = blocks.end();
    for (auto block = blocks.begin(); block != blocks.end(); ++block) {
      std::int64_t shared = 0, later = 0;
      for (std::int32_t index : problem.item(*block).savings) {
        const Saving &saving = problem.savings[static_cast<std::size_t>(index)];
        const std::int32_t other = saving.a == *block ? saving.b : saving.a;
        if (std::find(blocks.begin(), blocks.end(), other) == blocks.end()) continue;
        shared += saving.bytes;
        if (other > *block) later += saving.bytes;
      }
      sum += problem.item(*block).padded - later;
      if (shared - problem.item(*block).padded > worst) {
        worst = shared - problem.item(*block).padded;
        leave = block;
      }
    }
    if (leave == blocks.end()) return std::max(largest, sum);
    blocks.erase(leave);
  }
}

std::int64_t bound_of(const OffsetProblem &problem) {
  std::vector<std::vector<std::int32_t>> members(static_cast<std::size_t>(problem.cliques));
  std::int64_t bound = 0;
  for (std::size_t i = 0; i < problem.items.size(); ++i) {
    const OffsetProblem::Item &item = problem.items[i];
    bound = std::max(bound, item.size);
    for (std::int32_t c = item.first_clique; c < item.end_clique; ++c)
      members[static_cast<std::size_t>(c)].push_back(static_cast<std::int32_t>(i));
  }
  for (const std::vector<std::int32_t> &clique : members) {
    // The padding of one block, the highest one, does not count.
    std::int64_t padding = 0;
    for (std::int32_t block : clique)
      padding = std::max(padding, problem.item(block).padded - problem.item(block).size);
    bound = std::max(bound, covered(problem, clique) - padding);
  }
  return bound;
}

}  // namespace

OffsetProblem make_problem(std::span<const Block> blocks, std::span<const Overlap> overlaps) {
  OffsetProblem problem;
  problem.items.resize(blocks.size());
  std::int64_t grain = 0;
  for (const Block &block : blocks) {
    if (block.size > 0 && (grain == 0 || block.alignment < grain)) grain = block.alignment;
  }
  problem.grain = std::max<std::int64_t>(grain, 1);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    OffsetProblem::Item &item = problem.items[i];
    item.size = blocks[i].size;
    item.padded = align_up(item.size, problem.grain);
    item.alignment = blocks[i].alignment;
    item.life = blocks[i].last - blocks[i].first + 1;
  }
  find_cliques(blocks, problem);
  find_neighbours(problem);
  for (const Overlap &overlap : overlaps) permit(problem, overlap);
  find_savings(problem);
  problem.bound = bound_of(problem);

  // Offsets are sums of padded sizes and distances, rounded up to alignments.
  std::int64_t step = 0;
  for (const OffsetProblem::Item &item : problem.items) {
    step = std::gcd(step, item.size);
    for (const Neighbour &n : item.neighbours) step = std::gcd(step, n.to_other);
  }
  for (const OffsetProblem::Item &item : problem.items) {
    if (!item.empty() && step % item.alignment != 0 && item.alignment % step != 0)
      step = std::gcd(step, item.alignment);
  }
  problem.step = std::max<std::int64_t>(step, 1);
  problem.bound = align_up(problem.bound, problem.step);
  return problem;
}

std::int64_t placement_bound(std::span<const Block> blocks, std::span<const Overlap> overlaps) {
  return make_problem(blocks, overlaps).bound;
}

std::int64_t live_bound(std::span<const Block> blocks) {
  // The sum only grows where a block is born.
  std::int64_t bound = 0;
  for (const Block &born : blocks) {
    std::int64_t live = 0;
    for (const Block &other : blocks) {
      if (other.first <= born.first && born.first <= other.last) live += other.size;
    }
    bound = std::max(bound, live);
  }
  return bound;
}

}  // namespace thimble
