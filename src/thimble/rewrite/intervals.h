// Private to the layer: intervals of integers through the arithmetic of mode `tflm`. Each step is monotone as
// long as nothing wraps, so that its exact results at both ends bound those between; where an end would wrap,
// the result is every value. Rounding the ends in floating point instead would claim too much.
#pragma once

#include <algorithm>

#include "thimble/graph/parameters.h"

namespace thimble {

/// A sum, or a centred value, before it is rescaled.
struct Interval {
  std::int64_t min = 0, max = 0;
};

constexpr IntegerRange kEveryInt32 = {std::numeric_limits<std::int32_t>::min(),
                                      std::numeric_limits<std::int32_t>::max()};

inline IntegerRange union_of(const IntegerRange &a, const IntegerRange &b) {
  return {std::min(a.min, b.min), std::max(a.max, b.max)};
}
inline IntegerRange clamped(const IntegerRange &range, const IntegerRange &to) {
  return {std::min(std::max(range.min, to.min), to.max), std::min(std::max(range.max, to.min), to.max)};
}
inline bool fits_int32(const Interval &interval) {
  return interval.min >= kEveryInt32.min && interval.max <= kEveryInt32.max;
}

inline Interval operator+(const Interval &a, const Interval &b) {
  return {a.min + b.min, a.max + b.max};
}
inline Interval operator-(const Interval &a, const Interval &b) {
  return {a.min - b.max, a.max - b.min};
}
/// Magnitudes below 2^31.
inline Interval operator*(const Interval &a, std::int64_t factor) {
  return factor >= 0 ? Interval{a.min * factor, a.max * factor} : Interval{a.max * factor, a.min * factor};
}

/// Stored values with `offset` (minus the zero point) added.
inline Interval centred(const IntegerRange &range, std::int32_t offset) {
  return {std::int64_t{range.min} + offset, std::int64_t{range.max} + offset};
}
/// Taps that lie in the padding add nothing: as if the value were 0.
inline Interval or_zero(const Interval &interval) {
  return {std::min<std::int64_t>(interval.min, 0), std::max<std::int64_t>(interval.max, 0)};
}

/// sum (*) m in 32 bits.
IntegerRange rescaled(const Interval &sum, QuantizedMultiplier m);
/// The 64-bit form.
IntegerRange rescaled_wide(const Interval &sum, QuantizedMultiplier m);
IntegerRange shifted(const IntegerRange &range, std::int32_t offset);

}  // namespace thimble
