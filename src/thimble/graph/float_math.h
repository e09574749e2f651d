// Float functions that every part of the house and the emitted C compute in the same way, bit for bit. No
// libm: a C library's expf may differ from host to device in the last bit. Each line is one IEEE operation in
// float32 (no contraction of multiply and add), so the C99 kernels repeat it literally.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace thimble {

/// 2^n for -126 <= n <= 127.
inline float power_of_two(std::int32_t n) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(n + 127) << 23);
}

/// e^x, at most 1 unit in the last place off; +infinity above 88.72, 0 below -104, subnormals included.
///
/// Range reduction x = n*ln2 + r, |r| <= ln2/2, with ln2 in two parts (Cody and Waite; the first has 9 bits,
/// so that n*high is exact); e^r = 1 + r + r^2*p(r) with p fitted at the Chebyshev nodes of the interval;
/// then times 2^n in two exact steps, so that a subnormal result is rounded once.
inline float exp_float(float x) {
  if (x != x) return x;
  if (x > 88.722839f) return std::numeric_limits<float>::infinity();
  if (x < -104.0f) return 0.0f;
  const float scaled = x * 1.44269504f;
  const std::int32_t n = static_cast<std::int32_t>(scaled + (x < 0.0f ? -0.5f : 0.5f));
  const float whole = static_cast<float>(n);
  float r = x - whole * 0.693359375f;
  r = r - whole * -2.12194440e-4f;
  float p = 1.98910798644647e-4f;
  p = p * r + 1.3933731243014336e-3f;
  p = p * r + 8.33331048488617e-3f;
  p = p * r + 4.1666463017463684e-2f;
  p = p * r + 1.666666716337204e-1f;
  p = p * r + 0.5f;
  p = p * (r * r);
  p = p + r;
  p = p + 1.0f;
  const std::int32_t half = n / 2;
  p = p * power_of_two(half);
  return p * power_of_two(n - half);
}

/// 1 / (1 + e^-x) by the reference's three ranges.
inline float logistic_float(float x) {
  if (x > 16.619047164916992f) return 1.0f;
  if (x < -9.0f) return exp_float(x);
  return 1.0f / (1.0f + exp_float(-x));
}

/// tanh x, a few units in the last place off: an odd polynomial (Cephes) around 0, (1 - 2 / (e^2x + 1))
/// beyond.
inline float tanh_float(float x) {
  const float magnitude = x < 0.0f ? -x : x;
  if (magnitude >= 0.625f) {
    const float result = 1.0f - 2.0f / (exp_float(2.0f * magnitude) + 1.0f);
    return x < 0.0f ? -result : result;
  }
  const float square = x * x;
  float p = -5.70498872745e-3f;
  p = p * square + 2.06390887954e-2f;
  p = p * square + -5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square + -3.33332819422e-1f;
  p = p * square;
  p = p * x;
  return p + x;
}

/// Nearest integer, half away from zero; saturates, and not-a-number gives 0.
inline std::int32_t round_to_int32(float x) {
  if (x != x) return 0;
  if (x >= 2147483648.0f) return std::numeric_limits<std::int32_t>::max();
  if (x <= -2147483648.0f) return std::numeric_limits<std::int32_t>::min();
  const std::int32_t truncated = static_cast<std::int32_t>(x);
  const float fraction = x - static_cast<float>(truncated);
  return truncated + (fraction >= 0.5f ? 1 : 0) - (fraction <= -0.5f ? 1 : 0);
}

/// The reference's clamp: not-a-number passes through `low` as std::max and std::min do, then `high`.
inline float clamp_float(float x, float low, float high) {
  const float raised = x < low ? low : x;
  return high < raised ? high : raised;
}

}  // namespace thimble
