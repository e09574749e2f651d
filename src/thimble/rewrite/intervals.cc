#include "thimble/rewrite/intervals.h"

namespace thimble {

namespace {

template <class Value>
IntegerRange rescaled_ends(Value first, Value last, QuantizedMultiplier m) {
  const std::int32_t a = multiply_by_quantized_multiplier(first, m);
  const std::int32_t b = multiply_by_quantized_multiplier(last, m);
  return {std::min(a, b), std::max(a, b)};  // a negative scale of weights turns the order round
}

}  // namespace

IntegerRange rescaled(const Interval &sum, QuantizedMultiplier m) {
  if (m.shift > kMostLeftShift || !fits_int32(sum)) return kEveryInt32;
  if (!fits_int32(sum * (std::int64_t{1} << std::max(m.shift, 0)))) return kEveryInt32;
  return rescaled_ends(static_cast<std::int32_t>(sum.min), static_cast<std::int32_t>(sum.max), m);
}

IntegerRange rescaled_wide(const Interval &sum, QuantizedMultiplier m) {
  // The multiplier has 15 bits at most: neither the product nor the result leaves its type then.
  constexpr std::int64_t most = std::int64_t{1} << 46;
  if (m.shift > kMostLeftShift64 || sum.min < -most || sum.max > most) return kEveryInt32;
  const Interval bound = {sum.min * (1 << 15) / (std::int64_t{1} << (15 - m.shift)),
                          sum.max * (1 << 15) / (std::int64_t{1} << (15 - m.shift))};
  constexpr std::int64_t half = std::int64_t{1} << 30;
  if (bound.min < -half || bound.max > half) return kEveryInt32;
  return rescaled_ends(sum.min, sum.max, m);
}

IntegerRange shifted(const IntegerRange &range, std::int32_t offset) {
  const Interval moved = centred(range, offset);
  if (!fits_int32(moved)) return kEveryInt32;
  return {static_cast<std::int32_t>(moved.min), static_cast<std::int32_t>(moved.max)};
}

}  // namespace thimble
