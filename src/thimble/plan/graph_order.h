// The order search applied to a graph whose operators run one by one on whole tensors.
#pragma once

#include "thimble/graph/graph.h"
#include "thimble/plan/order.h"

namespace thimble {

struct GraphOrder {
  std::vector<OpId> ops;         ///< all of them; Input operators first, in the graph's order
  std::int64_t peak = 0;         ///< most bytes live at once, without alignment
  std::int64_t lower_bound = 0;  ///< of any order
  bool exact = false;
};

/// Tensors that are the same bytes (reshapes) count once; an element-wise operator may overwrite an input
/// that dies with it; the scratch of each operator's first kernel variant counts while it runs.
OrderProblem order_problem(const Graph &graph);

GraphOrder order_of_least_peak(const Graph &graph, const OrderOptions &options = {});

}  // namespace thimble
