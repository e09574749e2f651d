// What a stream remembers: the elements of each tensor that somebody still needs.
//
//   x  --conv, 3 taps-->  y        step t reads x[t-2], x[t-1], x[t]: a ring of 3, of which 2 live from one
//                                  call to the next (the newest row is the caller's)
//
// An element is kept from the step in which its operator fires to the last step in which a reader of it does.
// Counted over one period, after which everything repeats. For a reader of one tensor of step S,
//
//   length = max over readers of (-offset + 1 + floor((o_reader - o) / S)):  (k - 1) * d + 1 where it is
//   causal
#pragma once

#include "thimble/stream/rates.h"

namespace thimble::stream {

/// The memory of one tensor that is no view. Nothing but an arriving frame or a firing's output needs no
/// ring: its length is 1 and nothing of it is kept.
struct Ring {
  TensorId tensor = kNone;
  std::int64_t length = 1;  ///< elements from the oldest that is read to the newest, during any step
  std::int64_t kept = 0;    ///< most elements that live between two calls
  std::int64_t element_bytes = 0;
  /// Made before the frame and read with it, in the same call: between the two the caller may do anything.
  bool carried = false;
};

struct Rings {
  std::vector<bool> views;  ///< by operator: fires never, its output is read through it
  std::vector<Ring> rings;  ///< of every other tensor over time, in the order of their operators
  /// Bytes that live between two calls: of all rings, each at its most.
  std::int64_t state_bytes = 0;
  /// Bytes that live between two calls of the worst phase: where nothing is computed twice and operators fire
  /// as early as they can, no layout needs less.
  std::int64_t least_state_bytes = 0;
};

Rings stream_rings(const Graph &graph, const TimeAxes &axes, const Rates &rates);
/// The same with these operators as views; none: every operator fires and every tensor has memory.
Rings stream_rings(const Graph &graph, const TimeAxes &axes, const Rates &rates, std::vector<bool> views);

}  // namespace thimble::stream
