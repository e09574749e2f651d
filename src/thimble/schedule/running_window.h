// Means over a window of time that moves on by one element at a time: sums that are kept gain the newest
// element, and lose the oldest once it has counted for the last time.
//
//   x [1,T,5,64]  --mean over 25 x 5-->  [1,T-24,1,64]     64 sums, each of 125 values:
//                                                          10 values are read where 125 would be
#pragma once

#include <optional>

#include "thimble/graph/graph.h"

namespace thimble {

struct RunningWindow {
  int axis = kNone;         ///< of time, in input and output; those before it have one index
  std::int32_t length = 0;  ///< elements of time in the window
  std::int32_t rows = 1;    ///< of an element, one behind the other, that go into the same sums
  std::int32_t sums = 1;    ///< neighbours in memory
};

/// Of a MEAN or AVERAGE_POOL_2D from int8 to int8 (integer sums do not depend on their order); nothing where
/// the operator is none that moves on like this, or has less than four elements in its window.
std::optional<RunningWindow> running_window(const Graph &graph, const Op &op);

}  // namespace thimble
