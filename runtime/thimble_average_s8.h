/* Means of the taps of int8 pools. */
#ifndef THIMBLE_AVERAGE_S8_H
#define THIMBLE_AVERAGE_S8_H

#include "thimble_clamp_s8.h"
#include "thimble_fixed_point.h"
#include "thimble_columns_s8.h"
#include "thimble_pool.h"

/* The rounded mean of `taps` values of int8, 1 <= taps <= THIMBLE_MOST_VALUES, without a division for each.
 * The sum is moved up by 128 * taps so that it is never negative; halves go away from zero, that is down
 * where the mean is negative, which concerns even numbers of taps.
 *
 *   taps 4, sum -6:   (-6 - 1 + 2 + 512) / 4 - 128 = 126 - 128 = -2
 */
typedef struct {
  int32_t bias;
  int32_t even;        /* -1, or 0 where taps is odd */
  uint32_t reciprocal; /* 2^24 / taps rounded up */
} thimble_mean_s8;

static inline thimble_mean_s8 thimble_mean_of_taps(int32_t taps) {
  thimble_mean_s8 mean;
  mean.bias = 128 * taps + taps / 2;
  mean.even = (taps & 1) - 1;
  mean.reciprocal = (((uint32_t)1 << 24) + (uint32_t)taps - 1u) / (uint32_t)taps;
  return mean;
}

/* The numerator n is below 255.5 * taps + 1: it times the reciprocal fits 32 bits, and is below
 * 2^24 * (n + 1) / taps since n * taps < 2^24. */
static inline int32_t thimble_mean_of(const thimble_mean_s8 *mean, int32_t sum) {
  const uint32_t numerator = (uint32_t)(sum + ((sum >> 31) & mean->even) + mean->bias);
  return (int32_t)(numerator * mean->reciprocal >> 24) - 128;
}

/* The means of THIMBLE_COLUMNS sums. */
static inline void thimble_store_means(const thimble_mean_s8 *mean, thimble_columns columns, int8_t *y) {
  int32_t sums[THIMBLE_COLUMNS];
  thimble_store_columns(columns, sums);
  for (int32_t i = 0; i < THIMBLE_COLUMNS; ++i) y[i] = (int8_t)thimble_mean_of(mean, sums[i]);
}

#endif
