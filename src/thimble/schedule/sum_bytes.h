// How many bytes hold the partial sums of an operator, whatever its data: int32 is more than most need.
#pragma once

#include "thimble/schedule/schedule.h"

namespace thimble {

/// Bytes of a partial sum as the kernel computes it: 4 for 8-bit data and floats, 8 for 16-bit data.
std::int32_t full_sum_bytes(const Graph &graph, const Op &op);

/// The fewest bytes, 2, 3 or full, of a two's complement integer that holds every partial sum of the operator
/// in every order of its parts, with and without the bias: proved from the weights and the limits of the
/// input.
///
///   int8 x in [-128, 127], weights 3, -5 and 100, no zero point:
///   least  127 * (-5) + -128 * (3 + 100) = -13819     most  127 * (3 + 100) + -128 * (-5) = 13721     2
///   bytes
///
/// Narrower than full only for 8-bit CONV_2D and FULLY_CONNECTED.
std::int32_t least_sum_bytes(const Graph &graph, const Op &op);

/// Bytes of a partial sum in this stage.
std::int32_t sum_bytes(const Graph &graph, const Stage &stage);

}  // namespace thimble
