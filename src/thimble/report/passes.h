// Private to the layer: what the rewrite passes did to a network, for people and programs.
#pragma once

#include <string>
#include <vector>

#include "thimble/report/json_parts.h"
#include "thimble/rewrite/passes.h"

namespace thimble::report {

/// One line per pass that took something off: "remove_channels: 1,234 MACs, 56 B of constants less".
std::vector<std::string> pass_lines(const std::vector<PassEffect> &effects);

/// All passes in their order, with what they did and what they are for.
std::string passes_text(const std::vector<PassEffect> &effects);

/// What was folded at the price of other roundings: "3 operators are part of float weights: ..."; empty where
/// every bit is the model file's.
std::string rounding_text(const std::vector<PassEffect> &effects);

Json passes_json(const std::vector<PassEffect> &effects);

}  // namespace thimble::report
