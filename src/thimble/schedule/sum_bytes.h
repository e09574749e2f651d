// How many bytes hold the partial sums of an operator, whatever its data: int32 is more than most need.
#pragma once

#include "thimble/schedule/schedule.h"

namespace thimble {

/// Bytes of a partial sum as the kernel computes it: 4 for 8-bit data and floats, 8 for 16-bit data.
std::int32_t full_sum_bytes(const Graph &graph, const Op &op);

/// The fewest bytes, 2, 3 or full, of a two's complement integer that holds every partial sum of the
/// operator, as partial_sum_limits proves.
std::int32_t least_sum_bytes(const Graph &graph, const Op &op);

/// Bytes of a partial sum in this stage.
std::int32_t sum_bytes(const Graph &graph, const Stage &stage);

}  // namespace thimble
