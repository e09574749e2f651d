// Which way a model becomes a stream.
#pragma once

#include <variant>

#include "thimble/report/state_stream.h"

namespace thimble::report {

/// Time is a loop of the schedule, or the network keeps states itself.
using AnyStream = std::variant<StreamNetwork, StateStream>;

/// read -> rewrite -> plan -> check. The one place that decides which of the two it is.
Result<AnyStream> plan_any_stream(const StreamRequest &request);

}  // namespace thimble::report
