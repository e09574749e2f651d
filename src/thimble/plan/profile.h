// What a stage keeps and when, counted once for all stages with the same last operator.
//
// A stage pulls: what happens in it is driven by its last operator, so that the firings of an operator do not
// depend on where the stage begins. One walk over the stage that begins at the very first operator tells the
// ring lengths of all stages that end with the same one.
#pragma once

#include <optional>
#include <vector>

#include "thimble/plan/accesses.h"
#include "thimble/plan/nest.h"

namespace thimble {

struct TensorProfile {
  std::int32_t lines = 0;      ///< lines that a ring must keep: newest - oldest + 1
  std::int32_t spread = 1;     ///< pixels of a line that one pixel of a reader spans
  std::int64_t pixels = 0;     ///< that a FIFO or a window must keep, counted in a stage of pixels; else 0
  std::int64_t first = -1;     ///< first firing that writes it, -1: never
  std::int64_t last = -1;      ///< last firing that reads or writes it
  std::vector<Access> reads;   ///< in order of firings
  std::vector<Access> writes;  ///< in order of firings
};

struct StageProfile {
  std::vector<TensorProfile> tensors;  ///< by tensor of the graph
  std::vector<std::int64_t> firings;   ///< by position in the order
  std::int64_t macs = 0;               ///< of all firings
};

/// Profile of one stage of `order`, counted from its firings.
StageProfile profile_stage(const Graph &graph, std::span<const OpId> order, const StageChoice &choice);

/// Profile of the stages that end with position `driver` of `order`, walked over lines; nothing where the
/// operator cannot drive such a stage. `first` is the earliest position at which a stage may begin.
std::optional<StageProfile> profile_driver(const Graph &graph, std::span<const OpId> order,
                                           std::int32_t first, std::int32_t driver, Sweep sweep);

}  // namespace thimble
