// Whether the tensors between stages find room one after another.
//
// A stage that writes its output over its input's dead bytes puts the output `distance` bytes lower. So does
// the next stage, until the tensors have come down to the beginning of the arena: each stage may fit by
// itself, and the chain does not. Here the places of one tensor per cut are followed as ranges of offsets,
// exactly:
//
//     arena        0                                             100
//     in           |         |==== 60 ====|                              begins in [20, 40]
//     out          |   |======= 70 =======|                              distance 15: begins in [0, 25]
#pragma once

#include <span>
#include <vector>

#include "thimble/plan/stage_cost.h"

namespace thimble {

/// A stage that may be taken from one cut to a later one.
struct ChainStep {
  std::int32_t from = 0, to = 0;  ///< cuts
  StageCost cost;
};

/// Indices of the steps that lead from cut `first` to cut `last` in an arena of `bytes`, with the least
/// recomputation, among equals the fewest firings and then the fewest steps, as far as a limited number of
/// alternatives per cut can tell; empty when there are none. Steps are in ascending order of `to`.
std::vector<std::size_t> cheapest_chain(std::span<const ChainStep> steps, std::int32_t first,
                                        std::int32_t last, std::int64_t bytes);

/// Whether there is any such chain.
bool chain_fits(std::span<const ChainStep> steps, std::int32_t first, std::int32_t last, std::int64_t bytes);

}  // namespace thimble
