// A placement problem made ready for the algorithms: who meets whom, at what distance, in which cliques.
#pragma once

#include "thimble/plan/offsets.h"

namespace thimble {

/// Another block that lives at the same time as a block. The higher of the two begins at least this far after
/// the lower one: `to_other` if the other block is the higher one, `from_other` if it is the lower one.
struct Neighbour {
  std::int32_t block = 0;
  std::int64_t to_other = 0, from_other = 0;
};

/// Bytes that two blocks may have in common, and the cliques in which both are.
struct Saving {
  std::int32_t a = 0, b = 0;
  std::int64_t bytes = 0;
  std::int32_t first_clique = 0, end_clique = 0;
};

/// Every offset is a multiple of `grain`, the least alignment, so that sizes and distances are rounded up to
/// it: the rest is of use to nobody. Only the last block at the very top keeps its true size.
struct OffsetProblem {
  struct Item {
    std::int64_t size = 0;    ///< as given
    std::int64_t padded = 0;  ///< rounded up to the grain
    std::int64_t alignment = 1;
    std::int64_t life = 0;                          ///< firings
    std::int32_t first_clique = 0, end_clique = 0;  ///< where it is live; none for an empty block
    std::vector<Neighbour> neighbours;              ///< by block number
    std::vector<std::int32_t> savings;              ///< indices
    bool empty() const { return size == 0; }
  };
  std::vector<Item> items;  ///< per block
  std::vector<Saving> savings;
  /// Largest sets of blocks that are live at one firing, in the order of time. A set that is contained in
  /// another one says nothing new and is left out.
  std::int32_t cliques = 0;
  std::int64_t grain = 1;
  /// A common divisor of all offsets and sizes: capacities in between are the same question.
  std::int64_t step = 1;
  std::int64_t bound = 0;

  const Item &item(std::int32_t block) const { return items[static_cast<std::size_t>(block)]; }
};

OffsetProblem make_problem(std::span<const Block> blocks, std::span<const Overlap> overlaps);

/// First fit that knows the permitted overlaps.
Placement first_fit(const OffsetProblem &problem, std::span<const std::int32_t> order);

/// The best of first fit over the classic orders and a fixed number of perturbations of the best one; stops
/// at the problem's bound.
Placement best_first_fit(const OffsetProblem &problem, std::span<const Block> blocks);

}  // namespace thimble
