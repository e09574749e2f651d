// From the low rate back to the high one: what stands for a region between two elements of it.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble::soi {

enum class Extrapolation : std::uint8_t {
  hold,    ///< the newest element, repeated: no latency
  linear,  ///< on a line to the next element: `factor` - 1 frames of latency, which a shift can take up
  tconv,   ///< a transposed convolution, to be trained: holds until then
};
const char *name_of(Extrapolation extrapolation);

/// `low` at `factor` times its rate, `length` elements of it.
///
///   low                 v0        v1        v2         factor 2
///   hold                v0   v0   v1   v1   v2
///   linear              v0  01/2  v1  12/2  v2         averages of 2 elements of the held sequence
Result<TensorId> extrapolate(Graph &graph, TensorId low, int axis, std::int32_t factor, std::int32_t length,
                             Extrapolation extrapolation);

}  // namespace thimble::soi
