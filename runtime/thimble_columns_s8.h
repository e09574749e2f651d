/* Sums of several neighbouring int8 columns at once: THIMBLE_COLUMNS of them, each of at most 256 values. */
#ifndef THIMBLE_COLUMNS_S8_H
#define THIMBLE_COLUMNS_S8_H

#include "thimble_dsp.h"

#define THIMBLE_MOST_VALUES 256

#if defined(THIMBLE_DSP) && defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1)
#include <arm_mve.h>

#define THIMBLE_COLUMNS 8
typedef int16x8_t thimble_columns;

static inline thimble_columns thimble_no_columns(void) {
  return vdupq_n_s16(0);
}
static inline thimble_columns thimble_add_columns(thimble_columns sums, const int8_t *x) {
  return vaddq_s16(sums, vldrbq_s16(x));
}
static inline void thimble_store_columns(thimble_columns sums, int32_t *to) {
  int32x4x2_t wide;
  wide.val[0] = vmovlbq_s16(sums); /* even columns */
  wide.val[1] = vmovltq_s16(sums);
  vst2q_s32(to, wide);
}

#elif defined(THIMBLE_DSP)

#define THIMBLE_COLUMNS 8
/* Pairs of 16-bit sums: columns 0 and 2, 1 and 3, 4 and 6, 5 and 7. */
typedef struct {
  uint32_t pair02, pair13, pair46, pair57;
} thimble_columns;

static inline thimble_columns thimble_no_columns(void) {
  const thimble_columns none = {0, 0, 0, 0};
  return none;
}
static inline thimble_columns thimble_add_columns(thimble_columns sums, const int8_t *x) {
  const uint32_t low = thimble_load4(x), high = thimble_load4(x + 4);
  sums.pair02 = thimble_add_even(sums.pair02, low);
  sums.pair13 = thimble_add_odd(sums.pair13, low);
  sums.pair46 = thimble_add_even(sums.pair46, high);
  sums.pair57 = thimble_add_odd(sums.pair57, high);
  return sums;
}
static inline void thimble_store_columns(thimble_columns sums, int32_t *to) {
  to[0] = (int16_t)sums.pair02;
  to[1] = (int16_t)sums.pair13;
  to[2] = (int32_t)sums.pair02 >> 16;
  to[3] = (int32_t)sums.pair13 >> 16;
  to[4] = (int16_t)sums.pair46;
  to[5] = (int16_t)sums.pair57;
  to[6] = (int32_t)sums.pair46 >> 16;
  to[7] = (int32_t)sums.pair57 >> 16;
}

#else

#define THIMBLE_COLUMNS 4
typedef struct {
  int32_t sum0, sum1, sum2, sum3;
} thimble_columns;

static inline thimble_columns thimble_no_columns(void) {
  const thimble_columns none = {0, 0, 0, 0};
  return none;
}
static inline thimble_columns thimble_add_columns(thimble_columns sums, const int8_t *x) {
  sums.sum0 += x[0];
  sums.sum1 += x[1];
  sums.sum2 += x[2];
  sums.sum3 += x[3];
  return sums;
}
static inline void thimble_store_columns(thimble_columns sums, int32_t *to) {
  to[0] = sums.sum0;
  to[1] = sums.sum1;
  to[2] = sums.sum2;
  to[3] = sums.sum3;
}

#endif

#endif
