// A graph after a pass gives the bytes of the graph before all passes.
#pragma once

#include <optional>

#include "thimble/graph/interpret.h"

namespace thimble {

/// What a network gives for one input, or for a sequence of them where it keeps states.
struct Sample {
  Graph graph;
  std::vector<std::vector<Bytes>> inputs, outputs;  ///< per inference
};

/// Runs the graph on inputs that are the same every time; nothing when it reads more than `most_reads`
/// elements of operands.
std::optional<Sample> take_sample(const Graph &graph, std::int64_t most_reads);

/// Fails where `rewritten` gives other bytes on the same inputs, converted to its own ends.
Result<void> check_outputs(const Sample &sample, const Graph &rewritten);

}  // namespace thimble
