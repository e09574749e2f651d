// A plan for another runtime: the order of a model file's own operators and the place of its tensors, by the
// rules of TensorFlow Lite Micro.
#pragma once

#include <span>

#include "thimble/read/outline.h"

namespace thimble {

struct OfflinePlan {
  std::vector<std::int32_t> order;    ///< operators of the file, in the order of execution
  std::vector<std::int64_t> offsets;  ///< per tensor of the file, -1: not planned
  std::int64_t arena_bytes = 0;       ///< planned tensors; the runtime's own structures come on top
  std::int64_t bound_bytes = 0;       ///< largest sum of sizes that live together in this order
  std::int64_t greedy_bytes = 0;      ///< what the runtime's own, greedy planner takes in the file's order
};

/// Operators in an executable order: of those whose inputs are there, always the first of the file, which
/// keeps the file's own order where it is one. Fails when there is none.
Result<std::vector<std::int32_t>> executable_order(const FileOutline &outline);

/// Places the tensors for execution in `order`, a permutation of the operators that makes every tensor before
/// it is read (empty: `executable_order`). TensorFlow Lite Micro keeps an input from the beginning to its
/// last use and an output from its producer to the end, lets no operator work in place, and begins every
/// tensor at a multiple of 16 bytes, filled up to one.
Result<OfflinePlan> plan_offline(const FileOutline &outline, std::span<const std::int32_t> order = {});

}  // namespace thimble
