// Branch and bound for one capacity.
#pragma once

#include "thimble/plan/offsets_problem.h"

namespace thimble {

struct CapacityResult {
  Verdict verdict = Verdict::limit;
  std::vector<std::int64_t> offsets;  ///< when found
  std::int64_t nodes = 0;
};

/// Which of several blocks the search branches on: the order ranks them; before the rank come the bytes of
/// the fullest clique, the offset, or one after the other.
enum class Focus : std::uint8_t { lowest, lowest_then_fullest, fullest_then_lowest };

struct SearchOrder {
  std::vector<std::int32_t> blocks;  ///< best rank first
  Focus focus = Focus::lowest;
};

/// The orders that usually serve: blocks of full cliques first, or long-lived ones first.
std::vector<SearchOrder> classic_search_orders(const OffsetProblem &problem);

/// A random variation of a classic order; the generator's state goes on from call to call.
SearchOrder blurred_search_order(const OffsetProblem &problem, std::uint32_t &generator);

/// Is there a placement within `capacity`? Answers `limit` after that many nodes.
CapacityResult search_capacity(const OffsetProblem &problem, std::int64_t capacity, const SearchOrder &order,
                               std::int64_t node_limit);

}  // namespace thimble
