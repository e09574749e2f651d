// Passes: functions from a graph to an equivalent, better one, listed as data.
#pragma once

#include <span>

#include "thimble/rewrite/check_outputs.h"

namespace thimble {

/// Builds with assertions run networks that read at most so many elements after every pass that changed
/// something; tests ask for more.
#ifdef NDEBUG
constexpr std::int64_t kCheckedReads = 0;
#else
constexpr std::int64_t kCheckedReads = 2'000'000;
#endif

struct RewriteOptions {
  bool float_io = false;                    ///< keep QUANTIZE and DEQUANTIZE at the ends of the network
  bool fold_floats = false;                 ///< also run the passes that change how floats round
  std::vector<std::string> without = {};    ///< names of passes that are left out
  std::int64_t most_reads = kCheckedReads;  ///< larger networks are verified only, not run (check_outputs.h)
};

/// One row of the lists below. A pass keeps the number and the order of network inputs and outputs, and what
/// the network computes (`fold_quantization_at_ends` moves the first and last conversion to the caller).
struct Pass {
  const char *name;
  const char *description;  ///< one line
  Result<Graph> (*run)(Graph graph, const RewriteOptions &options);
  bool exact = true;  ///< keeps every bit of every output; others only run where the options ask for them
};

/// Passes that bring graphs that mean the same into the same form; always useful. Repeated in this order
/// until none of them finds anything.
std::span<const Pass> canonicalise();
/// Passes that choose a form for the schedule and the kernels, which others would not know again; run on the
/// canonical form, which is looked for again where they have changed something.
std::span<const Pass> lower();
/// Both lists.
std::vector<Pass> all_passes();

/// What one pass has done to a graph, over all its runs. Differences between before and after: negative where
/// something was added.
struct PassEffect {
  Pass pass;
  bool enabled = true;
  int changes = 0;  ///< runs that changed something
  std::int64_t operators_less = 0, macs_less = 0, constant_bytes_less = 0;
};

/// Whether outputs round differently from those of the network as it was read.
bool rounds_differently(std::span<const PassEffect> effects);

struct Rewritten {
  Graph graph;
  std::vector<PassEffect> effects;  ///< one per pass, in the order of all_passes()
};

/// Runs each enabled pass once, verifies what it has made, and runs that when there is a sample; a pass that
/// breaks the graph or its outputs is named in the error. Tells whether anything has changed. Behind a pass
/// that is not exact the sample is the outputs of what that pass has made.
Result<bool> run_once(std::span<PassEffect> effects, Graph &graph, const RewriteOptions &options,
                      std::optional<Sample> &sample);

/// Runs the first list to its fixed point, then the second one. Refuses names of passes that do
/// not exist.
Result<Rewritten> rewrite_and_tell(Graph graph, const RewriteOptions &options);
/// The graph alone.
Result<Graph> rewrite(Graph graph, const RewriteOptions &options);

}  // namespace thimble
