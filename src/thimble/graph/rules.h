// What each operator states about itself: one overload per kind, defined in ops/<kind>.cc. The dispatching
// functions of the same meaning are `verify` (graph.h), `footprint` (footprint.h) and those below.
#pragma once

#include "thimble/graph/footprint.h"

namespace thimble {

/// How the output may share bytes with input `input` within one firing.
enum class InPlace : std::uint8_t {
  no,
  alias,      ///< the output is the same bytes in the same order: nothing needs to be done (reshape)
  ascending,  ///< element i is read before element i is written, in row-major order, sizes being equal
  moving,     ///< the i-th element of what is read is read before the i-th of the tile is written
};

/// Whether the output may be written over what has been read of the input within the same firing.
inline bool may_follow(InPlace mode) {
  return mode == InPlace::ascending || mode == InPlace::moving;
}

namespace rules {
#define THIMBLE_DECLARE_RULES(Kind, name)                                                          \
  /* Shape of the output; also refuses inputs of wrong number, rank or size, and zero divisors. */ \
  Result<Shape> output_shape(const Kind &, const Graph &, const Op &);                             \
  /* Refuses element types and quantisation that the interpreter and the kernels do not have. */   \
  Result<void> check_types(const Kind &, const Graph &, const Op &);                               \
  Footprint footprint(const Kind &, const Graph &, const Op &, int input);                         \
  /* Multiply-accumulates for one region of the output and one range of the reduction. */          \
  std::int64_t macs(const Kind &, const Graph &, const Op &, const Region &, const Range &);       \
  /* How the output may share bytes with a computed input. */                                      \
  InPlace in_place(const Kind &, const Graph &, const Op &, int input);
THIMBLE_OPS(THIMBLE_DECLARE_RULES)
#undef THIMBLE_DECLARE_RULES
}  // namespace rules

Result<Shape> output_shape(const Graph &graph, const Op &op);

/// Whether the interpreter and the kernels have the operator for these element types and quantisations. Its
/// shapes must be right already.
Result<void> check_types(const Graph &graph, const Op &op);

/// Multiply-accumulates of one firing. Padding taps count, rows outside a tensor do not; operators without
/// multiplications by weights count 0.
std::int64_t macs(const Graph &graph, const Op &op, const Region &tile, const Range &reduction);
/// Of the whole operator.
std::int64_t macs(const Graph &graph, const Op &op);
/// Of all operators.
std::int64_t macs(const Graph &graph);

/// How the output of one firing may share bytes with input `input`; `no` for constants.
InPlace in_place(const Graph &graph, const Op &op, int input);
/// Whether, but for an activation, the operator computes nothing: every element of its output is one of an
/// input, or PAD's. The kinds say so themselves (attributes.h).
bool moves_elements(const Op &op);

}  // namespace thimble
