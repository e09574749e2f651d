// Orders of a network's operators among which the planner chooses.
#pragma once

#include <vector>

#include "thimble/graph/graph.h"

namespace thimble {

/// Different orders in which the operators can be executed, network inputs first in each:
///
///   the file's
///   the one of least peak when every tensor is whole (search_order), where its peak is less than the file's
///   depth first: an operator comes right before the first one that waits for it, so that branches are not
///   interleaved and more runs of neighbours make stages
std::vector<std::vector<OpId>> candidate_orders(const Graph &graph);

}  // namespace thimble
