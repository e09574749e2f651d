// Sums over some axes of the input, in parts if the schedule likes, and what becomes of them.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "thimble/emit/emission.h"

namespace thimble::emitters {

struct ReducedAxes {
  std::span<const std::int32_t> axes;  ///< ascending
  bool keep_dims = false;
  /// > 0: of the first axis so many indices, from the tile's one index on; the output keeps its axes.
  std::int32_t window = 0;
};

/// Emits, per element of the tile, the sum of the input over `axes` in row-major order: into the
/// accumulator, or, with the last part, `finish(sum)` into the output. The sum is a float, or an int32 that
/// wraps.
void emit_sums(OpEmission &emission, const ReducedAxes &axes,
               const std::function<std::string(const std::string &)> &finish);

}  // namespace thimble::emitters
