/* Dot products of int8 runs, the inner loops of convolutions and dense layers. Sums wrap modulo 2^32. */
#ifndef THIMBLE_DOT_S8_H
#define THIMBLE_DOT_S8_H

#include "thimble_dsp.h"
#include "thimble_v6m.h"

/* sum + sum over i < count of (x[i] + offset) * w[i]; offset in [-128, 128]. */
static inline uint32_t thimble_dot_s8(const int8_t *x, const int8_t *w, int32_t count, int32_t offset,
                                      uint32_t sum) {
  const int8_t *const end = x + count;
#ifdef THIMBLE_DSP
  const uint32_t offsets = thimble_pair_of(offset);
  for (const int8_t *const fours = x + (count & ~3); x < fours; x += 4, w += 4) {
    const uint32_t xs = thimble_load4(x), ws = thimble_load4(w);
    const uint32_t even = thimble_add_even(offsets, xs), odd = thimble_add_odd(offsets, xs);
    sum = thimble_multiply_pairs(even, thimble_even(ws), sum);
    sum = thimble_multiply_pairs(odd, thimble_odd(ws), sum);
  }
#endif
  while (x < end) sum += (uint32_t)((*x++ + offset) * *w++);
  return sum;
}

#define THIMBLE_DOT4_TAP(i)              \
  do {                                   \
    const int32_t value = x[i] + offset; \
    sum0 += (uint32_t)(value * w[i]);    \
    sum1 += (uint32_t)(value * w1[i]);   \
    sum2 += (uint32_t)(value * w2[i]);   \
    sum3 += (uint32_t)(value * w3[i]);   \
  } while (0)

/* Four output channels at once, which share the loads of x: sums[k] gains the product with row k of w, rows
 * being `stride` elements apart. */
static inline void thimble_dot4_s8(const int8_t *x, const int8_t *w, int32_t stride, int32_t count,
                                   int32_t offset, uint32_t sums[4]) {
#ifdef THIMBLE_DSP
  const int32_t fours = count & ~3;
  /* Known when compiling: dense layers have no offset. */
  const int none = __builtin_constant_p(offset) && offset == 0;
  if (fours > 0 && none) thimble_dot4_dsp(x, w, stride, fours, sums);
  if (fours > 0 && !none) {
    thimble_dot2_dsp(x, w, stride, fours, offset, sums);
    thimble_dot2_dsp(x, w + 2 * stride, stride, fours, offset, sums + 2);
  }
  x += fours;
  w += fours;
  count -= fours;
  if (count == 0) return;
#endif
#ifdef THIMBLE_V6M
  thimble_v6m_dot4(x, w, stride, count, offset, sums);
#else
  const int8_t *const end = x + count;
  const int8_t *w1 = w + stride;
  const int8_t *w2 = w1 + stride;
  const int8_t *w3 = w2 + stride;
  uint32_t sum0 = sums[0], sum1 = sums[1], sum2 = sums[2], sum3 = sums[3];
#ifndef THIMBLE_DSP
  for (const int8_t *const rounds = x + (count & ~3); x < rounds; x += 4, w += 4, w1 += 4, w2 += 4, w3 += 4) {
    THIMBLE_DOT4_TAP(0);
    THIMBLE_DOT4_TAP(1);
    THIMBLE_DOT4_TAP(2);
    THIMBLE_DOT4_TAP(3);
  }
#endif
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
#endif
}

#undef THIMBLE_DOT4_TAP

#endif
