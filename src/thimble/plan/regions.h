// Which of several memories each block lies in: the fewest cycles of waiting that their sizes allow.
#pragma once

#include <string>

#include "thimble/plan/offsets.h"

namespace thimble {

/// A RAM of the board that the plan may use.
struct Memory {
  std::string name;
  std::int64_t bytes = 0;
  std::int32_t wait_cycles = 0;  ///< that a load or store takes beyond one of the fastest memory
  std::string section = {};      ///< of the array that lies there; empty: the compiler's choice

  bool operator==(const Memory &) const = default;
};

/// Blocks, and how they may overlap where both lie in one memory; in different ones they never meet.
struct RegionProblem {
  std::span<const Block> blocks;
  std::span<const Overlap> overlaps;
  std::span<const std::int64_t> accesses;  ///< per block: loads and stores of one run
  std::span<const Memory> memories;
  std::int32_t unit = 1;  ///< bytes; a memory holds a multiple of it at most
};

/// Limits are counts, so that the same choice comes out on every machine.
struct RegionLimits {
  std::int64_t nodes = 300'000;           ///< partial choices looked at
  std::int64_t placements = 2'000;        ///< sets of blocks for which offsets are searched
  std::int64_t placement_nodes = 4'000;   ///< of each such search
  std::int64_t thorough_nodes = 100'000;  ///< of the last one, which makes the chosen sets small
};

struct RegionChoice {
  bool found = false;
  std::vector<std::int32_t> memory;   ///< per block: index into the memories
  std::vector<std::int64_t> offsets;  ///< per block, in its memory
  std::vector<std::int64_t> sizes;    ///< per memory: bytes used
  std::int64_t stall_cycles = 0;      ///< accesses times wait cycles, over all blocks
  std::int64_t bound_cycles = 0;      ///< no choice has fewer
  /// Nothing better exists; where nothing was found: nothing exists.
  bool proved = false;
};

/// Branch and bound over the blocks, largest first, after greedy choices and moves that make one better. The
/// bound: at every moment the live blocks, cut into bytes, fill the fastest memory with those that are
/// accessed most per byte; what that costs at moments without a block in common adds up.
RegionChoice choose_regions(const RegionProblem &problem, const RegionLimits &limits = {});

}  // namespace thimble
