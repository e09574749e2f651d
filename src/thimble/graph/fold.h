// Evaluating an operator once and for all, for readers and passes.
#pragma once

#include <cstdint>

#include "thimble/graph/graph.h"

namespace thimble {

/// Work and bytes that all evaluations of one graph may take. Beyond them operators stay: a broadcast can
/// turn two small constants into a huge one, which the device would rather compute than store, and a hostile
/// file could ask for it again and again.
struct FoldAllowance {
  std::int64_t result_bytes = std::int64_t{64} << 20;
  std::int64_t reads = 100'000'000;  ///< elements of inputs, each as often as it is read
};

/// How often elements of inputs are read by one execution of the whole operator: the footprint of an output
/// element in the middle, where nothing is clipped, times the output's elements. Saturates.
std::int64_t input_reads(const Graph &graph, const Op &op);

/// Evaluates `op` of `graph` by the interpreter and makes its output a constant; the caller then removes the
/// operator. False, and nothing done, when an input is no constant, the output is kept at the end (somebody
/// has to write it), or the allowance is used up. Fails when the operator by itself is not valid.
Result<bool> fold(Graph &graph, const Op &op, FoldAllowance &allowance);

}  // namespace thimble
