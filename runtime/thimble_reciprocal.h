/* Reciprocal of a sum of fixed-point exponentials (gemmlowp). */
#ifndef THIMBLE_RECIPROCAL_H
#define THIMBLE_RECIPROCAL_H

#include "thimble_fixed_point.h"

static inline int32_t thimble_leading_zeros(uint32_t x) {
  int32_t zeros = 0;
  for (; zeros < 32 && (x & 0x80000000u) == 0; x <<= 1) ++zeros;
  return zeros;
}

static inline int32_t thimble_saturating_shift_left(int32_t x, int32_t bits) {
  const int64_t shifted = (int64_t)x * ((int64_t)1 << bits);
  return shifted > INT32_MAX ? INT32_MAX : shifted < INT32_MIN ? INT32_MIN : (int32_t)shifted;
}

/* 1 / (1 + a / 2^31) in Q0.31, for a >= 0: three steps of Newton's iteration in Q2.29 on half the
 * denominator, beginning with the line 48/17 - 32/17 x. */
static inline int32_t thimble_one_over_one_plus(int32_t a) {
  const int32_t half_denominator = (int32_t)(((int64_t)a + ((int64_t)1 << 31)) / 2);
  int32_t x = thimble_add_wrapping(1515870810, thimble_doubling_high_mul(half_denominator, -1010580540));
  for (int32_t i = 0; i < 3; ++i) {
    const int32_t error = (int32_t)((uint32_t)1 << 29) - thimble_doubling_high_mul(half_denominator, x);
    x = thimble_add_wrapping(x, thimble_saturating_shift_left(thimble_doubling_high_mul(x, error), 2));
  }
  return thimble_saturating_shift_left(x, 1);
}

/* A positive sum in Q12.19 as 1 / sum = reciprocal / 2^31 / 2^bits_over_unit. */
typedef struct {
  int32_t reciprocal, bits_over_unit;
} thimble_reciprocal;

static inline thimble_reciprocal thimble_reciprocal_of(uint32_t sum) {
  thimble_reciprocal result;
  const int32_t zeros = thimble_leading_zeros(sum);
  result.bits_over_unit = 12 - zeros;
  result.reciprocal = thimble_one_over_one_plus((int32_t)((sum << zeros) - 0x80000000u));
  return result;
}

/* exponential * reciprocal as an unsigned number of `bits` bits, rounded twice. */
static inline int32_t thimble_softmax_share(thimble_reciprocal sum, int32_t exponential, int32_t bits) {
  const int32_t exponent = sum.bits_over_unit + 31 - bits;
  const int32_t share = thimble_doubling_high_mul(sum.reciprocal, exponential);
  return exponent > 31 ? 0 : thimble_rounding_shift_right(share, exponent);
}

#endif
