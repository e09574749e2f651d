// Reports for people. Sizes are in bytes; anything that was not measured is named an estimate.
#pragma once

#include "thimble/report/figures.h"
#include "thimble/report/network.h"

namespace thimble::report {

/// Operators with types, shapes, quantisation, MACs and weights.
std::string inspect_text(const Graph &graph);

struct TextOptions {
  bool all_stages = false;  ///< show every stage, not only those of the largest peaks
};

/// The plan: arena and bounds, what the stages hold, flash, MACs, estimated time.
std::string compile_text(const Network &network, const Flash &flash, const TextOptions &options);

/// The static figures, then one row per executor and a verdict.
std::string verify_text(const Network &network, const Verification &verification);

std::string run_text(const Network &network, const RunReport &run);

}  // namespace thimble::report
