// How much memory the counters of a stage take, for those who place buffers.
#pragma once

#include "thimble/schedule/schedule.h"

namespace thimble {

/// Size and alignment of the cursors of a stage: what a private buffer of BufferKind::cursors must have for
/// the emitted program. 0 bytes: none are needed. A stage without such a buffer keeps at most
/// kMostLocalCursors bytes on its stack; a row-fed stage, which is left between rows, needs the buffer.
struct CursorNeed {
  std::int64_t bytes = 0;
  std::int32_t alignment = 1;
  bool must_stay = false;  ///< row-fed: not on the stack
};
constexpr std::int64_t kMostLocalCursors = 32;

/// The cursors of a stage, or with kNone a stream's counter of calls; null where there are none.
const Buffer *cursors_of(const Schedule &schedule, std::int32_t stage);

Result<CursorNeed> cursor_need(const Schedule &schedule, std::int32_t stage);

}  // namespace thimble
