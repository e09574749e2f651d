// Inside of regions.cc: what a partial choice of memories costs at least, and whether it is already too full.
#pragma once

#include <optional>

#include "thimble/plan/offsets_problem.h"
#include "thimble/plan/regions.h"

namespace thimble {

/// What the blocks may take of a memory.
std::int64_t usable_bytes(const RegionProblem &problem, std::int32_t memory);

/// A choice that grows block by block.
///
/// A *moment* is a clique of the offset problem: a largest set of blocks that live at one firing. There a
/// block takes its size less what it may share with blocks of higher number: the union of some sets is at
/// least the sum of their sizes less their pairwise intersections, whichever of them lie in one memory.
class PartialChoice {
 public:
  /// `order`: the memories, fastest first.
  PartialChoice(const RegionProblem &problem, std::span<const std::int32_t> order);

  /// Puts a block into the memory of this rank; false when it cannot fit with those that are there already.
  bool put(std::int32_t block, std::int32_t rank);
  void take(std::int32_t block);
  std::int32_t rank_of(std::int32_t block) const { return rank_[static_cast<std::size_t>(block)]; }

  std::int64_t cycles() const { return cycles_; }
  /// Of all complete choices that this one can become; nothing when it can become none.
  std::optional<std::int64_t> least_cycles() const;

 private:
  struct Member {
    std::int32_t block = 0;
    std::int64_t bytes = 0;
  };

  std::int64_t wait(std::size_t rank) const;
  std::int64_t &used(std::size_t rank, std::size_t moment) { return used_[rank * moments_.size() + moment]; }
  std::int64_t used(std::size_t rank, std::size_t moment) const {
    return used_[rank * moments_.size() + moment];
  }
  bool least_at(std::size_t moment, const std::vector<bool> &left_out, std::int64_t &more) const;

  const RegionProblem &problem_;
  std::vector<std::int32_t> order_;
  std::vector<std::int64_t> capacity_;        ///< by rank
  std::vector<std::int64_t> room_;            ///< the same, and the padding of the highest block
  std::vector<std::vector<Member>> moments_;  ///< most accesses per byte first
  struct Presence {
    std::int32_t moment = 0;
    std::int64_t bytes = 0;
  };
  std::vector<std::vector<Presence>> presences_;  ///< by block
  std::vector<std::int64_t> free_cycles_;         ///< by block: in the fastest memory that can hold it
  std::vector<bool> homeless_;                    ///< by block: no memory can hold it
  std::vector<std::int32_t> rank_;                ///< by block; -1: not put yet
  std::vector<std::int64_t> used_;                ///< by rank and moment
  std::int64_t cycles_ = 0;
  std::int64_t open_cycles_ = 0;  ///< sum of free_cycles_ of the blocks not put yet
};

}  // namespace thimble
