// Which way a model becomes a stream.
#pragma once

#include <variant>

#include "thimble/report/state_stream.h"

namespace thimble::report {

/// Time is a loop of the schedule, or the network's own states are kept.
using AnyStream = std::variant<StreamNetwork, StateStream>;

/// read -> rewrite -> plan -> check. The one place that decides which of the two it is: what a network keeps
/// becomes rings where that is possible, since nothing needs shifting there, unless the request says
/// otherwise.
Result<AnyStream> plan_any_stream(const StreamRequest &request);

}  // namespace thimble::report
