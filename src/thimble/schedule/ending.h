// What is left of a stream when no more frames come (found by stream/ending.h).
#pragma once

#include <algorithm>

#include "thimble/graph/graph.h"

namespace thimble {

struct Ending {
  /// By frames modulo the period and by operator: elements that are still to be made. Empty: a stream cannot
  /// be ended.
  std::vector<std::vector<std::int32_t>> left;

  /// Of one operator, whatever the frames.
  std::int32_t most(OpId op) const {
    std::int32_t most = 0;
    for (const std::vector<std::int32_t> &phase : left)
      most = std::max(most, phase[static_cast<std::size_t>(op)]);
    return most;
  }
};

}  // namespace thimble
