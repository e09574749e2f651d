// Offset allocation: blocks with known lifetimes get addresses (dynamic storage allocation).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace thimble {

/// Bytes that stay at one place from firing `first` to firing `last`, both included.
struct Block {
  std::int64_t size = 0;
  std::int32_t alignment = 1;  ///< of the offset, a power of two
  std::int64_t first = 0, last = 0;
};

struct Placement {
  std::vector<std::int64_t> offsets;  ///< per block
  std::int64_t size = 0;              ///< bytes of the region: the largest end
};

/// Largest sum of sizes that are live at one firing: no placement is smaller.
std::int64_t live_bound(std::span<const Block> blocks);

/// Places the blocks in the given order, each at the lowest offset that is free during its whole lifetime.
Placement first_fit(std::span<const Block> blocks, std::span<const std::int32_t> order);

/// The smallest placement of first fit over several orders (by size, by area, by length, by time, and a fixed
/// number of perturbations of the best one). Deterministic; stops early at `live_bound`.
Placement place(std::span<const Block> blocks);

}  // namespace thimble
