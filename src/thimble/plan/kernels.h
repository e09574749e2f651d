// Which kernel computes an operator: the fastest of those whose working memory finds room beside what is live
// while the operator fires.
#pragma once

#include "thimble/device/profile.h"
#include "thimble/schedule/kernel_cost.h"
#include "thimble/schedule/schedule.h"

namespace thimble {

/// Chooses the variants of a placed schedule's operators, and places their scratch. Nothing moves: what an
/// arena has to spare makes kernels faster, and a single arena may grow to `most_bytes`. An operator of
/// several stages gets the same variant in all of them, for its weights are in flash once.
void choose_kernels(Schedule &schedule, KernelSet kernels, std::int64_t most_bytes,
                    Measure measure = Measure::both);

/// Flash that wide weights may take beyond what they take in bytes, of all operators together. They make the
/// inner loops of singles by a fifth shorter, of octets by an eighth, of quads by a twelfth.
constexpr std::int64_t kMostWidenedBytes = 24 * 1024;
/// What wide weights of an operator take beyond bytes.
std::int64_t widened_bytes(const Graph &graph, const Op &op, const KernelVariant &variant);

/// Gives an operator of a placed schedule this kernel; its arena grows as it has to. False where the kernel
/// does not suit the operator or its tiles.
bool use_kernel(Schedule &schedule, OpId op, std::int32_t variant);

/// What one run takes, by operator: an estimate.
std::vector<KernelCost> operator_costs(const Schedule &schedule);

}  // namespace thimble
