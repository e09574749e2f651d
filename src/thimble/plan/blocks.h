// Private to the layer: what is placed.
#pragma once

#include "thimble/plan/buffers.h"
#include "thimble/plan/offsets.h"

namespace thimble {

/// Every buffer of a schedule, not yet placed, with exact lifetimes.
Result<void> make_buffers(Schedule &schedule, const BufferOptions &options);

/// Buffers that lie in one block keep their places in it.
struct Blocks {
  std::vector<Block> blocks;
  std::vector<std::int32_t> block_of;  ///< by buffer
  std::vector<std::int64_t> inside;    ///< by buffer: bytes from the block's beginning
  std::vector<Overlap> overlaps;
};
Blocks make_blocks(const Schedule &schedule, bool share_windows);

}  // namespace thimble
