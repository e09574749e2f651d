// `pareto`: the front of arena bytes against multiply-accumulates, point by point.
#pragma once

#include "thimble/report/network.h"

namespace thimble::report {

/// `points` as `plan_front` gives them, at least one.
std::string pareto_text(const std::vector<Network> &points);
std::string pareto_json(const std::vector<Network> &points);

}  // namespace thimble::report
