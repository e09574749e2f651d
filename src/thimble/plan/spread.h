// A plan made in one arena gets its places in the memories of a board.
#pragma once

#include "thimble/plan/plan.h"

namespace thimble {

/// Whether all memories together keep to the limit.
bool within_limit(const Schedule &schedule, const PlanOptions &options);

/// Options for the search of an arena to be spread: no plan that is larger than all memories together can be.
PlanOptions with_room(PlanOptions options);

/// Spreads the one arena of a plan over the memories of the options. `fits` says whether that was possible;
/// when not, the plan keeps its arena. Fails where the result cannot be proved.
Result<void> spread_plan(Plan &plan, const PlanOptions &options);

}  // namespace thimble
