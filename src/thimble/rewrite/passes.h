// Passes: functions from a graph to an equivalent, better one, listed as data.
#pragma once

#include <span>

#include "thimble/graph/graph.h"

namespace thimble {

struct RewriteOptions {
  bool float_io = false;  ///< keep QUANTIZE and DEQUANTIZE at the ends of the network
};

/// One row of the lists below. A pass keeps the number and the order of network inputs and outputs, and what
/// the network computes (`fold_quantization_at_ends` moves the first and last conversion to the caller).
struct Pass {
  const char *name;
  const char *description;  ///< one line
  Result<Graph> (*run)(Graph graph, const RewriteOptions &options);
};

/// Passes that bring graphs that mean the same into the same form; always useful. Repeated in this order
/// until none of them finds anything.
std::span<const Pass> canonicalise();
/// Passes that choose a form for the schedule and the kernels; run after the canonical form.
std::span<const Pass> lower();

/// Runs the first list to its fixed point, then the second one. The graph is verified after each; a pass that
/// breaks it is named in the error.
Result<Graph> rewrite(Graph graph, const RewriteOptions &options);

}  // namespace thimble
