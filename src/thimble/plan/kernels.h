// Which kernel computes an operator: the fastest of those whose working memory finds room beside what is live
// while the operator fires.
#pragma once

#include "thimble/device/profile.h"
#include "thimble/schedule/schedule.h"

namespace thimble {

/// Chooses the variants of a placed schedule's operators, and places their scratch. Nothing moves: what an
/// arena has to spare makes kernels faster, and a single arena may grow to `most_bytes`. An operator of
/// several stages gets the same variant in all of them, for its weights are in flash once.
void choose_kernels(Schedule &schedule, KernelSet kernels, std::int64_t most_bytes);

/// Instructions of one run of all operators whose kernels there is a choice of, an estimate.
std::int64_t estimated_instructions(const Schedule &schedule);

}  // namespace thimble
