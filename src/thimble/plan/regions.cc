#include "thimble/plan/regions.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "thimble/plan/regions_bound.h"

namespace thimble {
namespace {

using Ranks = std::vector<std::int32_t>;  // by block: rank of its memory

class RegionSearch {
 public:
  RegionSearch(const RegionProblem &problem, const RegionLimits &limits)
      : problem_(problem),
        limits_(limits),
        order_(fastest_first(problem)),
        partial_(problem, order_),
        by_size_(problem.blocks.size()) {
    std::iota(by_size_.begin(), by_size_.end(), 0);
    std::stable_sort(by_size_.begin(), by_size_.end(),
                     [&](std::int32_t a, std::int32_t b) { return block(a).size > block(b).size; });
  }

  RegionChoice choose() {
    RegionChoice choice;
    const auto least = partial_.least_cycles();
    choice.bound_cycles = least.value_or(0);
    if (!least) {
      choice.proved = true;
      return choice;
    }
    bound_ = *least;
    try_one_memory();
    try_greedy();
    improve();
    placements_ = 0;
    branch(0);
    choice.found = best_.has_value();
    choice.proved = good_enough() || (!cut_short_ && !missed_);
    if (choice.proved && best_) choice.bound_cycles = best_cycles_;
    if (best_) place_thoroughly(choice);
    return choice;
  }

 private:
  static std::vector<std::int32_t> fastest_first(const RegionProblem &problem) {
    std::vector<std::int32_t> order(problem.memories.size());
    std::iota(order.begin(), order.end(), 0);
    const auto wait = [&](std::int32_t memory) {
      return problem.memories[static_cast<std::size_t>(memory)].wait_cycles;
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int32_t a, std::int32_t b) { return wait(a) < wait(b); });
    return order;
  }

  struct Answer {
    Verdict verdict = Verdict::limit;
    std::int64_t nodes = -1;  ///< with which it was searched for
  };

  const Block &block(std::int32_t index) const { return problem_.blocks[static_cast<std::size_t>(index)]; }
  std::int32_t ranks() const { return static_cast<std::int32_t>(order_.size()); }
  std::int64_t wait(std::int32_t rank) const {
    return problem_.memories[static_cast<std::size_t>(order_[static_cast<std::size_t>(rank)])].wait_cycles;
  }
  std::int64_t accesses(std::int32_t index) const {
    return problem_.accesses[static_cast<std::size_t>(index)];
  }
  bool good_enough() const { return best_ && best_cycles_ <= bound_; }

  std::int64_t cycles_of(const Ranks &choice) const {
    std::int64_t cycles = 0;
    for (std::size_t b = 0; b < choice.size(); ++b) cycles += problem_.accesses[b] * wait(choice[b]);
    return cycles;
  }

  /// The blocks of one memory and their overlaps, as a problem of their own.
  struct Part {
    std::vector<std::int32_t> numbers;
    std::vector<Block> blocks;
    std::vector<Overlap> overlaps;
  };
  Part part_of(const Ranks &choice, std::int32_t rank) const {
    Part part;
    std::vector<std::int32_t> place(choice.size(), -1);
    for (std::size_t b = 0; b < choice.size(); ++b) {
      if (choice[b] != rank) continue;
      place[b] = static_cast<std::int32_t>(part.numbers.size());
      part.numbers.push_back(static_cast<std::int32_t>(b));
      part.blocks.push_back(problem_.blocks[b]);
    }
    for (const Overlap &overlap : problem_.overlaps) {
      const std::int32_t below = place[static_cast<std::size_t>(overlap.below)];
      const std::int32_t above = place[static_cast<std::size_t>(overlap.above)];
      if (below >= 0 && above >= 0) part.overlaps.push_back({below, above, overlap.distance});
    }
    return part;
  }
  std::int64_t capacity(std::int32_t rank) const {
    return usable_bytes(problem_, order_[static_cast<std::size_t>(rank)]);
  }

  /// Whether the blocks of one memory have offsets in it; every set is asked for once.
  bool has_offsets(const Ranks &choice, std::int32_t rank, std::int64_t nodes) {
    std::vector<bool> key(choice.size() + order_.size(), false);
    bool any = false;
    for (std::size_t b = 0; b < choice.size(); ++b) {
      key[b] = choice[b] == rank;
      any = any || key[b];
    }
    if (!any) return true;
    key[choice.size() + static_cast<std::size_t>(rank)] = true;
    const auto known = verdicts_.emplace(std::move(key), Answer{}).first;
    Answer &answer = known->second;
    if (answer.verdict == Verdict::limit && answer.nodes < nodes) {
      ++placements_;
      const Part part = part_of(choice, rank);
      answer = {place_within(part.blocks, part.overlaps, capacity(rank), nodes).verdict, nodes};
    }
    if (answer.verdict == Verdict::limit) unsure_ = true;
    return answer.verdict == Verdict::found;
  }
  bool has_offsets(const Ranks &choice, std::int64_t nodes) {
    for (std::int32_t rank = 0; rank < ranks(); ++rank) {
      if (!has_offsets(choice, rank, nodes)) return false;
    }
    return true;
  }

  void keep(const Ranks &choice) {
    const std::int64_t cycles = cycles_of(choice);
    if (best_ && cycles >= best_cycles_) return;
    best_ = choice;
    best_cycles_ = cycles;
  }

  /// Several memories have to be worth it.
  void try_one_memory() {
    for (std::int32_t rank = 0; rank < ranks() && !best_; ++rank) {
      const Ranks choice(problem_.blocks.size(), rank);
      if (has_offsets(choice, rank, limits_.placement_nodes)) keep(choice);
    }
  }

  /// One block after the other into the fastest memory that still has offsets for it.
  void try_greedy() {
    Ranks by_density = by_size_, by_accesses = by_size_;
    std::stable_sort(by_density.begin(), by_density.end(), [&](std::int32_t a, std::int32_t b) {
      return static_cast<double>(accesses(a)) * static_cast<double>(block(b).size) >
             static_cast<double>(accesses(b)) * static_cast<double>(block(a).size);
    });
    std::stable_sort(by_accesses.begin(), by_accesses.end(),
                     [&](std::int32_t a, std::int32_t b) { return accesses(a) > accesses(b); });
    for (const Ranks &order : {by_density, by_accesses, by_size_}) {
      if (good_enough()) return;
      Ranks choice(problem_.blocks.size(), -1);
      bool all = true;
      for (std::size_t i = 0; i < order.size() && all; ++i) {
        const auto b = static_cast<std::size_t>(order[i]);
        for (choice[b] = 0; choice[b] < ranks(); ++choice[b]) {
          if (has_offsets(choice, choice[b], 0)) break;
        }
        all = choice[b] < ranks();
      }
      if (all) keep(choice);
    }
  }

  /// Moves single blocks into faster memories, and exchanges blocks of two memories, while that helps.
  void improve() {
    if (!best_) return;
    placements_ = 0;
    for (bool better = true; better && !good_enough() && placements_ < limits_.placements;) {
      better = false;
      for (std::int32_t a = 0; a < static_cast<std::int32_t>(best_->size()) && !better; ++a) {
        for (std::int32_t rank = 0; rank < (*best_)[static_cast<std::size_t>(a)] && !better; ++rank) {
          better = try_move(a, rank, -1);
          for (std::int32_t b = 0; b < static_cast<std::int32_t>(best_->size()) && !better; ++b) {
            if ((*best_)[static_cast<std::size_t>(b)] == rank) better = try_move(a, rank, b);
          }
        }
      }
    }
  }

  /// `a` goes to the memory of this rank, and `b` of that memory, if there is one, to that of `a`.
  bool try_move(std::int32_t a, std::int32_t rank, std::int32_t b) {
    if (placements_ >= limits_.placements) return false;
    Ranks choice = *best_;
    const std::int32_t from = choice[static_cast<std::size_t>(a)];
    choice[static_cast<std::size_t>(a)] = rank;
    if (b >= 0) choice[static_cast<std::size_t>(b)] = from;
    if (cycles_of(choice) >= best_cycles_) return false;
    if (!has_offsets(choice, rank, 0) || !has_offsets(choice, from, 0)) return false;
    keep(choice);
    return true;
  }

  void branch(std::size_t depth) {
    if (cut_short_ || good_enough()) return;
    if (++nodes_ > limits_.nodes || placements_ > limits_.placements) {
      cut_short_ = true;
      return;
    }
    const auto least = partial_.least_cycles();
    if (!least || (best_ && *least >= best_cycles_)) return;
    if (depth == by_size_.size()) {
      leaf();
      return;
    }
    const std::int32_t b = by_size_[depth];
    for (std::int32_t rank = 0; rank < ranks(); ++rank) {
      if (!partial_.put(b, rank)) continue;
      branch(depth + 1);
      partial_.take(b);
    }
  }

  void leaf() {
    Ranks choice(problem_.blocks.size());
    for (std::size_t b = 0; b < choice.size(); ++b)
      choice[b] = partial_.rank_of(static_cast<std::int32_t>(b));
    unsure_ = false;
    const bool fits = has_offsets(choice, limits_.placement_nodes);
    if (fits) keep(choice);
    if (!fits && unsure_) missed_ = true;
  }

  void place_thoroughly(RegionChoice &choice) {
    choice.stall_cycles = best_cycles_;
    choice.memory.resize(best_->size());
    choice.offsets.resize(best_->size());
    choice.sizes.assign(problem_.memories.size(), 0);
    for (std::int32_t rank = 0; rank < ranks(); ++rank) {
      const Part part = part_of(*best_, rank);
      const auto memory = static_cast<std::size_t>(order_[static_cast<std::size_t>(rank)]);
      ExactOptions options;
      options.nodes = limits_.thorough_nodes;
      options.unit = problem_.unit;
      Placement placement = place_exact(part.blocks, part.overlaps, options);
      if (placement.size > capacity(rank)) {
        placement = place_within(part.blocks, part.overlaps, capacity(rank), limits_.placement_nodes);
      }
      choice.sizes[memory] = placement.size;
      for (std::size_t i = 0; i < part.numbers.size(); ++i) {
        const auto b = static_cast<std::size_t>(part.numbers[i]);
        choice.memory[b] = order_[static_cast<std::size_t>(rank)];
        choice.offsets[b] = placement.offsets[i];
      }
    }
  }

  const RegionProblem &problem_;
  const RegionLimits &limits_;
  std::vector<std::int32_t> order_;  ///< memories, by rank
  PartialChoice partial_;
  Ranks by_size_;                                 ///< blocks, largest first
  std::map<std::vector<bool>, Answer> verdicts_;  ///< by set of blocks and memory
  std::int64_t bound_ = 0, nodes_ = 0, placements_ = 0;
  bool unsure_ = false;     ///< some set was given up at the limit
  bool missed_ = false;     ///< so that a choice was left out that may be one
  bool cut_short_ = false;  ///< the search has met its limit
  std::optional<Ranks> best_;
  std::int64_t best_cycles_ = 0;
};

}  // namespace

RegionChoice choose_regions(const RegionProblem &problem, const RegionLimits &limits) {
  return RegionSearch(problem, limits).choose();
}

}  // namespace thimble
