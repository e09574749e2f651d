// Reports for programs: JSON, schema 1, described in docs/json.md. Keys come in a fixed order, numbers are
// numbers, what was not measured is null. Every text ends in a newline.
#pragma once

#include "thimble/report/figures.h"
#include "thimble/report/network.h"

namespace thimble::report {

std::string inspect_json(const Graph &graph);
/// `files`: names of the written files, relative to the output folder.
std::string compile_json(const Network &network, const Flash &flash, const std::vector<std::string> &files);
std::string verify_json(const Network &network, const Verification &verification);
std::string run_json(const Network &network, const RunReport &run);

}  // namespace thimble::report
