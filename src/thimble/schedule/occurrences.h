// The firings of an operator in one stage, taken together: what kernels are chosen and their costs counted
// by.
#pragma once

#include <map>
#include <vector>

#include "thimble/schedule/kernel_cost.h"

namespace thimble {

/// How far tiles lie together in all maps that an operator reads and writes pixel by pixel: their rows, the
/// pixels of a row only, or not even those.
enum class Together : std::uint8_t { rows, pixels, nothing };

/// An operator in one stage: its firings and the room that it has.
struct Occurrence {
  std::int32_t stage = kNone;
  std::size_t position = 0;
  std::int64_t first = 0, last = 0;
  std::map<TileSize, std::int64_t> tiles;  ///< how often a tile of this size is made
  std::int32_t channel_step = 0;           ///< all tiles' channels begin at multiples of it; 0: at 0
  Together together = Together::rows;
  bool parts = false;  ///< some firing sums a part of the reduction only
};

/// By operator.
std::vector<std::vector<Occurrence>> find_occurrences(const Schedule &schedule);

/// Whether columns of a map do not stay where they are from row to row: pixel FIFOs and windows.
bool columns_fold(const Schedule &schedule, TensorId tensor, std::int32_t stage);

}  // namespace thimble
