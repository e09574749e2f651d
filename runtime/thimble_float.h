/* Float arithmetic that gives the same bytes on every compiler and option: one rounding per operation.
 *
 * Include it before any function that computes with floats. GCC in its default gnu mode fuses a * b + c into
 * one rounding where the machine can; both pragmas forbid that. (`clang -ffp-contract=fast` and `-ffast-math`
 * overrule the source and must not be used.)
 */
#ifndef THIMBLE_FLOAT_H
#define THIMBLE_FLOAT_H

#include <float.h>
#include <stdint.h>

#if defined(__clang__) || !defined(__GNUC__)
#pragma STDC FP_CONTRACT OFF
#else
#pragma GCC optimize("-ffp-contract=off")
#endif

#if defined(__FAST_MATH__)
#error "Thimble's float kernels are exact: compile them without -ffast-math"
#endif
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16
#error \
    "Thimble's float kernels need float operations that round to float (on 32-bit x86: -msse2 -mfpmath=sse)"
#endif

/* Not a number stays as it is. */
static inline float thimble_clamp_f32(float x, float low, float high) {
  return x < low ? low : x > high ? high : x;
}

/* The number with the given IEEE 754 bits. */
static inline float thimble_float_from_bits(uint32_t bits) {
  union {
    uint32_t bits;
    float value;
  } word;
  word.bits = bits;
  return word.value;
}

/* 2^n for -126 <= n <= 127. */
static inline float thimble_power_of_two(int32_t n) {
  return thimble_float_from_bits((uint32_t)(n + 127) << 23);
}

/* e^x, at most one unit in the last place off; infinity above 88.72, 0 below -104, not a number as it is.
 * Method: x = n ln 2 + r with ln 2 in two parts (Cody and Waite), e^r = 1 + r + r^2 p(r), then times 2^n in
 * two exact steps. The compiler's interpreter computes the same operations in the same order. */
static inline float thimble_exp_f32(float x) {
  if (x != x) return x;
  if (x > 88.722839f) return thimble_float_from_bits(0x7F800000u);
  if (x < -104.0f) return 0.0f;
  const int32_t n = (int32_t)(x * 1.44269504f + (x < 0.0f ? -0.5f : 0.5f));
  const float whole = (float)n;
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
  const int32_t half = n / 2;
  p = p * thimble_power_of_two(half);
  return p * thimble_power_of_two(n - half);
}

/* 1 / (1 + e^-x) by the reference's three ranges. */
static inline float thimble_logistic_one_f32(float x) {
  if (x > 16.619047164916992f) return 1.0f;
  if (x < -9.0f) return thimble_exp_f32(x);
  return 1.0f / (1.0f + thimble_exp_f32(-x));
}

/* tanh x: an odd polynomial around 0, 1 - 2 / (e^2x + 1) beyond; as the compiler's interpreter computes it.
 */
static inline float thimble_tanh_f32(float x) {
  const float magnitude = x < 0.0f ? -x : x;
  if (magnitude >= 0.625f) {
    const float result = 1.0f - 2.0f / (thimble_exp_f32(2.0f * magnitude) + 1.0f);
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

/* Nearest integer, halves away from zero; saturates, and not-a-number gives 0. */
static inline int32_t thimble_round_f32(float x) {
  if (x != x) return 0;
  if (x >= 2147483648.0f) return INT32_MAX;
  if (x <= -2147483648.0f) return INT32_MIN;
  const int32_t truncated = (int32_t)x;
  const float fraction = x - (float)truncated;
  return truncated + (fraction >= 0.5f ? 1 : 0) - (fraction <= -0.5f ? 1 : 0);
}

#endif
