// Branch and bound for one capacity.
#pragma once

#include "thimble/plan/offsets_problem.h"

namespace thimble {

enum class Verdict : std::uint8_t { found, impossible, limit };

struct CapacityResult {
  Verdict verdict = Verdict::limit;
  std::vector<std::int64_t> offsets;  ///< when found
  std::int64_t nodes = 0;
};

/// Static orders of the blocks that the search uses to break ties between equal offsets.
std::vector<std::vector<std::int32_t>> search_orders(const OffsetProblem &problem);

/// Is there a placement within `capacity`? Answers `limit` after that many nodes.
CapacityResult search_capacity(const OffsetProblem &problem, std::int64_t capacity,
                               std::span<const std::int32_t> order, std::int64_t node_limit);

}  // namespace thimble
