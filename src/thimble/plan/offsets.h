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

/// A pair of blocks that may share bytes while both live: block `above` may begin `distance` >= 0 bytes after
/// the beginning of block `below`, although `below` is longer. An operator that writes row r of its output
/// when row r - 1 of its input is dead, with rows of 40 bytes:
///
///     output (below)  |========================|
///     input  (above)      |============================|
///                      40
///
/// Distance 0 is in place. Where `above` lies lower than `below`, and for all other pairs, the higher block
/// begins at or after the end of the lower one.
struct Overlap {
  std::int32_t below = 0, above = 0;  ///< block numbers
  std::int64_t distance = 0;
};

struct Placement {
  std::vector<std::int64_t> offsets;  ///< per block
  std::int64_t size = 0;              ///< bytes of the region: the largest end
};

struct ExactOptions {
  std::int64_t nodes = 1'000'000;  ///< limit of the search: states that it visits
  std::int64_t enough = 0;  ///< a placement of at most this size ends the search, e.g. the memory there is
  std::int32_t unit = 1;    ///< a power of two: sizes that round up to the same multiple are equally good
};

struct ExactPlacement : Placement {
  std::int64_t lower_bound = 0;  ///< no placement is smaller
  bool proved = false;           ///< the size is the lower bound: nothing smaller exists
  std::int64_t nodes = 0;        ///< visited by the search; 0 when first fit met the bound
};

/// Largest sum of sizes that are live at one firing: without overlaps, no placement is smaller.
std::int64_t live_bound(std::span<const Block> blocks);

/// A size that no placement goes below, with overlaps permitted and alignment kept; at least `live_bound`
/// when there are no overlaps.
std::int64_t placement_bound(std::span<const Block> blocks, std::span<const Overlap> overlaps);

/// Places the blocks in the given order, each at the lowest offset that is free during its whole lifetime.
Placement first_fit(std::span<const Block> blocks, std::span<const std::int32_t> order);

/// The smallest placement there is, as far as the limit allows: first fit over several orders, then branch
/// and bound at capacities between the lower bound and the best placement known. Deterministic.
ExactPlacement place_exact(std::span<const Block> blocks, std::span<const Overlap> overlaps = {},
                           const ExactOptions &options = {});

enum class Verdict : std::uint8_t { found, impossible, limit };

/// A placement within a given capacity, or the proof that there is none, as far as `nodes` allow.
struct FittedPlacement : Placement {
  Verdict verdict = Verdict::limit;
};
FittedPlacement place_within(std::span<const Block> blocks, std::span<const Overlap> overlaps,
                             std::int64_t capacity, std::int64_t nodes);

/// `place_exact` without overlaps and with a smaller limit, for many calls.
Placement place(std::span<const Block> blocks);

}  // namespace thimble
