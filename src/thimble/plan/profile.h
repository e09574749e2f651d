// What a stage keeps and when, counted once for all stages with the same last operator.
//
// A stage pulls: what happens in it is driven by its last operator, so that the firings of an operator do not
// depend on where the stage begins. One walk over the stage that begins at the very first operator tells the
// ring lengths of all stages that end with the same one.
#pragma once

#include <optional>
#include <vector>

#include "thimble/plan/nest.h"

namespace thimble {

/// An access to a tensor: at which firing, by which operator (a position in the order), from or to which
/// byte.
struct Access {
  std::int64_t firing = 0;
  std::int32_t position = 0;
  std::int64_t byte = 0;  ///< reads: the first byte needed; writes: one past the last byte written
};

struct TensorProfile {
  std::int32_t lines = 0;      ///< lines that a ring must keep: newest - oldest + 1
  std::int32_t spread = 1;     ///< pixels of a line that one pixel of a reader spans
  std::vector<Access> reads;   ///< in order of firings
  std::vector<Access> writes;  ///< in order of firings
};

struct DriverProfile {
  std::vector<TensorProfile> tensors;  ///< by tensor of the graph
  std::vector<std::int64_t> firings;   ///< by position in the order: firings of a walk over lines
};

/// Profile of the stages that end with position `driver` of `order`, walked over lines; nothing where the
/// operator cannot drive such a stage. `first` is the earliest position at which a stage may begin.
std::optional<DriverProfile> profile_driver(const Graph &graph, std::span<const OpId> order,
                                            std::int32_t first, std::int32_t driver, Sweep sweep);

/// Smallest distance at which a tensor that dies may lie above one that is born (both whole), so that every
/// byte is read before it is written over:
///
///   max over firings f of (bytes of the new one written up to f - first byte of the old one needed from f
///   on)
///
/// `reads` and `writes` are in order of firings. Never negative.
std::int64_t overlap_distance(std::span<const Access> reads, std::span<const Access> writes);

}  // namespace thimble
