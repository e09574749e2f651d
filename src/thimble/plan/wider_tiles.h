// Stages of pixels with wider tiles: fewer kernel calls for a little more memory.
#pragma once

#include <cstdint>

#include "thimble/plan/plan.h"

namespace thimble {

/// Lets operators of the plan's stages of pixels make more columns in a firing, and others fewer, where that
/// saves firings and the arena stays within `most_bytes`. For plans in one arena.
void widen_tiles(Plan &plan, const PlanOptions &options, std::int64_t most_bytes);

}  // namespace thimble
