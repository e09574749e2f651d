// Fixed-point arithmetic of mode `tflm`: what TensorFlow Lite Micro's reference kernels compute, bit for bit,
// and defined for every argument (no undefined shifts, no signed overflow; where the reference wraps, so does
// this).
//
// Sources: the public gemmlowp fixed-point documentation (Q formats, rounding doubling high multiply) and
// TensorFlow Lite's quantisation specification. docs/numerics.md has the formulas per operator.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace thimble {

/// A real number as multiplier * 2^(shift - 31), 2^30 <= |multiplier| <= 2^31; {0, 0} is zero.
///
///   0.75 -> {0.75 * 2^31, 0}      -3.0 -> {-0.75 * 2^31, 2}      2^-33 -> {0, 0}
struct QuantizedMultiplier {
  std::int32_t multiplier = 0;
  std::int32_t shift = 0;  ///< > 0: left; -31 at least
  bool operator==(const QuantizedMultiplier &) const = default;
};

/// Largest left shift that the kernels carry out; operators with a larger one are refused.
constexpr std::int32_t kMostLeftShift = 30;

inline std::int32_t wrap_add(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}
inline std::int32_t wrap_sub(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) - static_cast<std::uint32_t>(b));
}
inline std::int32_t wrap_mul(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) * static_cast<std::uint32_t>(b));
}
/// Shift to the left in 32 bits; bits that leave are lost. 0 <= shift.
inline std::int32_t wrap_shl(std::int32_t value, std::int32_t shift) {
  return shift > 31 ? 0 : static_cast<std::int32_t>(static_cast<std::uint32_t>(value) << shift);
}
inline std::int32_t saturate_to_int32(std::int64_t value) {
  constexpr std::int64_t least = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(value < least ? least : value > most ? most : value);
}

/// A magnitude below 2^-32 becomes zero: TensorFlow Lite's flush of shifts below -31. What is not finite gets
/// a shift that every operator refuses. Negative numbers occur: some exporters write negative scales of
/// weights.
inline QuantizedMultiplier quantize_multiplier(double real) {
  if (!std::isfinite(real)) return {std::numeric_limits<std::int32_t>::max(), 1024};
  if (real == 0.0) return {};
  int shift = 0;
  const double fraction = std::frexp(real, &shift);
  std::int64_t multiplier = std::llround(fraction * 2147483648.0);
  if (multiplier == std::int64_t{1} << 31) {
    multiplier /= 2;
    ++shift;
  }
  if (shift < -31) return {};
  return {static_cast<std::int32_t>(multiplier), shift};
}

/// High 32 bits of 2*a*b, rounded; half away from zero. The one product that does not fit saturates.
inline std::int32_t saturating_rounding_doubling_high_mul(std::int32_t a, std::int32_t b) {
  if (a == b && a == std::numeric_limits<std::int32_t>::min())
    return std::numeric_limits<std::int32_t>::max();
  const std::int64_t product = std::int64_t{a} * b;
  const std::int64_t nudge = product >= 0 ? std::int64_t{1} << 30 : 1 - (std::int64_t{1} << 30);
  return static_cast<std::int32_t>((product + nudge) / (std::int64_t{1} << 31));
}

/// value / 2^exponent, half away from zero; 0 <= exponent. Exponents above 31, which the reference leaves
/// open, give the exact result, 0.
inline std::int32_t rounding_divide_by_power_of_two(std::int32_t value, std::int32_t exponent) {
  if (exponent > 32) return 0;
  const std::int64_t mask = (std::int64_t{1} << exponent) - 1;
  const std::int64_t remainder = value & mask;
  const std::int64_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
  return static_cast<std::int32_t>((std::int64_t{value} >> exponent) + (remainder > threshold ? 1 : 0));
}

/// value * m, rounded twice: once to 31 bits of fraction, once by the right shift.
inline std::int32_t multiply_by_quantized_multiplier(std::int32_t value, QuantizedMultiplier m) {
  const std::int32_t left = m.shift > 0 ? m.shift : 0;
  const std::int32_t right = m.shift > 0 ? 0 : -m.shift;
  return rounding_divide_by_power_of_two(
      saturating_rounding_doubling_high_mul(wrap_shl(value, left), m.multiplier), right);
}

/// For the 64-bit sums of 16-bit data: the multiplier is reduced to 15 bits, ties go towards +infinity.
/// -31 <= m.shift <= 14.
inline std::int32_t multiply_by_quantized_multiplier(std::int64_t value, QuantizedMultiplier m) {
  const std::int64_t reduced = m.multiplier < 0x7FFF0000 ? (m.multiplier + (1 << 15)) >> 16 : 0x7FFF;
  const std::int32_t shift = 15 - m.shift;
  const std::uint64_t rounded = static_cast<std::uint64_t>(value) * static_cast<std::uint64_t>(reduced) +
                                (std::uint64_t{1} << (shift - 1));
  return static_cast<std::int32_t>(static_cast<std::int64_t>(rounded) >> shift);
}
/// Largest left shift of the 64-bit form.
constexpr std::int32_t kMostLeftShift64 = 14;

}  // namespace thimble
