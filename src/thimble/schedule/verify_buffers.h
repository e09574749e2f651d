// The part of verify_structure that looks at regions and buffers, one by one.
#pragma once

#include "thimble/schedule/schedule.h"

namespace thimble {

/// Verifies that every region and buffer is well-formed on its own: indices, sizes that do not overflow,
/// alignments that are powers of two, layouts that fold the tensor they hold; and that no tensor has two
/// buffers in one stage. The graph and the stages must have been verified.
Result<void> verify_buffers(const Schedule &schedule);

/// Whether buffers of this kind hold elements of a tensor, in a layout; the others are plain bytes.
bool holds_elements(BufferKind kind);

/// "buffer 3 (ring of 'x')", for diagnostics.
std::string buffer_text(const Schedule &schedule, std::size_t index);

}  // namespace thimble
