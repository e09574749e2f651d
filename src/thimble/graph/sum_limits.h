// What the partial sums of an operator can be, whatever its data.
#pragma once

#include <optional>

#include "thimble/graph/graph.h"

namespace thimble {

/// Both included.
struct SumLimits {
  std::int64_t least = 0, most = 0;
};

/// The least and the most that any sum of some of the operator's products can be, in any order of its parts,
/// with the bias and without it, zero points taken off the data or put into the bias; from the weights and
/// the limits of the input. Nothing where that is not known: only of 8-bit CONV_2D and FULLY_CONNECTED it is.
///
///   int8 x in [-128, 127], weights 3, -5 and 100, no zero point:
///   least  127 * (-5) + -128 * (3 + 100) = -13819     most  127 * (3 + 100) + -128 * (-5) = 13721
std::optional<SumLimits> partial_sum_limits(const Graph &graph, const Op &op);

}  // namespace thimble
