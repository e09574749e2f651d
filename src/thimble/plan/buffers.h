// The memory of a schedule whose stages are chosen: every buffer that they need, and where it lies.
#pragma once

#include "thimble/plan/regions.h"
#include "thimble/schedule/schedule.h"

namespace thimble {

struct BufferOptions {
  std::int32_t alignment = 4;    ///< bytes, of every buffer's offset; a power of two
  bool keep_inputs = false;      ///< network inputs keep their bytes until the end
  std::int64_t nodes = 200'000;  ///< limit of the search for offsets
  bool exact_cursors = true;     ///< counted from the stage's program, which takes its time; else expected
  bool share_windows = true;  ///< windows inside the rows of different tensors take turns in the same bytes
};

/// Fills in `schedule.buffers` and the size of its one region. Folds, lifetimes and the distances at which a
/// tensor may be written over a dying one are counted from the firings. Cursors that must stay, or are too
/// many for the stack, get a buffer. Fails where a stage cannot be emitted (cursor_need).
struct BufferPlan {
  std::int64_t bound_bytes = 0;  ///< no placement of these buffers is smaller
  bool proved = false;           ///< the arena is the bound
};
Result<BufferPlan> plan_buffers(Schedule &schedule, const BufferOptions &options);

/// Distributes the buffers that `plan_buffers` has placed in one arena over several memories, so that loads
/// and stores wait as little as the sizes allow; the arena stays whole, at the same offsets, where several
/// memories gain nothing. One region per memory that is used. The choice says whether there is one; without,
/// the schedule is left as it is.
RegionChoice spread_buffers(Schedule &schedule, std::span<const Memory> memories,
                            const BufferOptions &options);

}  // namespace thimble
