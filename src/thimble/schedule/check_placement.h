// The part of check that needs no simulation: where buffers lie, and which must never share bytes.
#pragma once

#include "thimble/schedule/schedule.h"

namespace thimble {

/// Proves for every buffer that it lies inside its region, that its offset is aligned (for its elements too),
/// and that its size is what its layout needs; and that scratch, accumulators and cursors share no byte with
/// a buffer that is live at the same time. The schedule must have passed verify_structure.
Result<void> check_placement(const Schedule &schedule);

/// Whether two buffers have a byte in common.
bool share_bytes(const Buffer &a, const Buffer &b);

}  // namespace thimble
