/* Fixed-point arithmetic of the integer kernels: double rounding, bit for bit as TensorFlow Lite Micro.
 *
 * A real multiplier m > 0 is the pair (multiplier, shift) with m = multiplier / 2^31 * 2^shift; multiplier is
 * 0 or in [2^30, 2^31), shift in [-31, 31]. Example: m = 0.375 is (0.75 * 2^31, -1).
 *
 * Method: B. Jacob et al., "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference" (2018), with the rounding of gemmlowp. Sums wrap modulo 2^32, so no
 * input is undefined.
 */
#ifndef THIMBLE_FIXED_POINT_H
#define THIMBLE_FIXED_POINT_H

#include <stdint.h>

/* Right shifts of negative numbers must be arithmetic, as they are in every compiler that we know. */
typedef char thimble_check_arithmetic_shift[(((int32_t)-2) >> 1) == -1 ? 1 : -1];

/* round(a * b / 2^31). The reference adds a nudge of 2^30 (1 - 2^30 below zero) and divides towards zero,
 * which is the same as adding 2^30 and rounding down, for either sign. Not both arguments may be INT32_MIN.
 */
static inline int32_t thimble_doubling_high_mul_wide(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* The same by products of signed halves, for cores without a product of 64 bits. With a = ah * 2^16 + al and
 * b = bh * 2^16 + bl it is 2 ah bh + ((ah bl + al bh + (al bl >> 16) + 2^14) >> 15), and no sum leaves 32 bits. */
static inline int32_t thimble_doubling_high_mul_halves(int32_t a, int32_t b) {
  const int32_t al = (int16_t)a, bl = (int16_t)b;
  const int32_t ah = (a >> 16) + (al < 0 ? 1 : 0), bh = (b >> 16) + (bl < 0 ? 1 : 0);
  const int32_t middle = (ah * bl + al * bh + ((al * bl) >> 16) + (1 << 14)) >> 15;
  return (int32_t)((uint32_t)(ah * bh) * 2u + (uint32_t)middle);
}

static inline int32_t thimble_doubling_high_mul(int32_t a, int32_t b) {
#ifdef __ARM_ARCH_6M__
  return thimble_doubling_high_mul_halves(a, b);
#else
  return thimble_doubling_high_mul_wide(a, b);
#endif
}

/* round(x / 2^exponent), halves away from zero; exponent in [0, 31]. */
static inline int32_t thimble_rounding_shift_right(int32_t x, int32_t exponent) {
  const uint32_t mask = ((uint32_t)1 << exponent) - 1u;
  const uint32_t remainder = (uint32_t)x & mask;
  const uint32_t threshold = (mask >> 1) + (x < 0 ? 1u : 0u);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/* x * 2^exponent modulo 2^32; exponent in [0, 31]. */
static inline int32_t thimble_shift_left(int32_t x, int32_t exponent) {
  return (int32_t)((uint32_t)x << exponent);
}

/* x times the real multiplier (multiplier, shift): rounds after the product and again after the right shift.
 */
static inline int32_t thimble_requantise(int32_t x, int32_t multiplier, int32_t shift) {
  if (shift > 0) return thimble_doubling_high_mul(thimble_shift_left(x, shift), multiplier);
  return thimble_rounding_shift_right(thimble_doubling_high_mul(x, multiplier), -shift);
}

/* For the 64-bit sums of 16-bit data: the multiplier is rounded to 15 bits and halves go up; shift in [-31,
 * 14]. */
static inline int32_t thimble_requantise_wide(int64_t x, int32_t multiplier, int32_t shift) {
  const int32_t reduced = multiplier < 0x7FFF0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
  const int32_t right = 15 - shift;
  const uint64_t product = (uint64_t)x * (uint64_t)reduced + ((uint64_t)1 << (right - 1));
  return (int32_t)((int64_t)product >> right);
}

static inline int32_t thimble_clamp(int32_t x, int32_t low, int32_t high) {
  return x < low ? low : x > high ? high : x;
}

/* Sums wrap: a + b modulo 2^32. */
static inline int32_t thimble_add_wrapping(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

#endif
