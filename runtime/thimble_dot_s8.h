/* Dot products of int8 runs, the inner loops of convolutions and dense layers. Sums wrap modulo 2^32. */
#ifndef THIMBLE_DOT_S8_H
#define THIMBLE_DOT_S8_H

#include <stdint.h>

/* sum + sum over i < count of (x[i] + offset) * w[i]; offset in [-128, 128]. */
static inline uint32_t thimble_dot_s8(const int8_t *x, const int8_t *w, int32_t count, int32_t offset,
                                      uint32_t sum) {
  const int8_t *const end = x + count;
  while (x < end) sum += (uint32_t)((*x++ + offset) * *w++);
  return sum;
}

/* Four output channels at once, which share the loads of x: sums[k] gains the product with row k of w, rows
 * being `stride` elements apart. */
static inline void thimble_dot4_s8(const int8_t *x, const int8_t *w, int32_t stride, int32_t count,
                                   int32_t offset, uint32_t sums[4]) {
  const int8_t *const end = x + count;
  const int8_t *w1 = w + stride;
  const int8_t *w2 = w1 + stride;
  const int8_t *w3 = w2 + stride;
  uint32_t sum0 = sums[0], sum1 = sums[1], sum2 = sums[2], sum3 = sums[3];
  while (x < end) {
    const int32_t value = *x++ + offset;
    sum0 += (uint32_t)(value * *w++);
    sum1 += (uint32_t)(value * *w1++);
    sum2 += (uint32_t)(value * *w2++);
    sum3 += (uint32_t)(value * *w3++);
  }
  sums[0] = sum0;
  sums[1] = sum1;
  sums[2] = sum2;
  sums[3] = sum3;
}

#endif
