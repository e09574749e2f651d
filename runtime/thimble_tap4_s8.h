/* One tap of four neighbouring channels of a depthwise convolution. */
#ifndef THIMBLE_TAP4_S8_H
#define THIMBLE_TAP4_S8_H

#include "thimble_dsp.h"

/* Sum k gains (x[k] + offset) * w[k], modulo 2^32; offset in [-128, 128]. */
static inline void thimble_tap4_s8(const int8_t *x, const int8_t *w, int32_t offset, uint32_t *sum0,
                                   uint32_t *sum1, uint32_t *sum2, uint32_t *sum3) {
#ifdef THIMBLE_DSP
  const uint32_t offsets = thimble_pair_of(offset), xs = thimble_load4(x), ws = thimble_load4(w);
  const uint32_t x02 = thimble_add_even(offsets, xs), w02 = thimble_even(ws);
  const uint32_t x13 = thimble_add_odd(offsets, xs), w13 = thimble_odd(ws);
  *sum0 = thimble_multiply_low(x02, w02, *sum0);
  *sum1 = thimble_multiply_low(x13, w13, *sum1);
  *sum2 = thimble_multiply_high(x02, w02, *sum2);
  *sum3 = thimble_multiply_high(x13, w13, *sum3);
#else
  *sum0 += (uint32_t)((x[0] + offset) * w[0]);
  *sum1 += (uint32_t)((x[1] + offset) * w[1]);
  *sum2 += (uint32_t)((x[2] + offset) * w[2]);
  *sum3 += (uint32_t)((x[3] + offset) * w[3]);
#endif
}

#endif
