/* What the 8-bit kernels for cores with Helium (Armv8.1-M vectors, as in Cortex-M55) have in common. They
 * give the same bytes as the portable ones. */
#ifndef THIMBLE_MVE_H
#define THIMBLE_MVE_H

#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1) && defined(__GNUC__) && defined(__OPTIMIZE__)
#define THIMBLE_MVE 1

#include <arm_mve.h>
#include <stdint.h>

#include "thimble_scale.h"

#if !defined(__clang__)
/* GCC would move the loads of a row of products to the row's beginning, and what it has loaded onto the
 * stack. */
#pragma GCC optimize("no-schedule-insns")
#endif

#define THIMBLE_MVE_INLINE static inline __attribute__((always_inline))
/* Functions around the loops that are written out. A compiler is to make them small: with so few registers they are not
 * slower then. */
#define THIMBLE_MVE_SMALL static __attribute__((noinline, cold))

/* Four sums as a vector: a compiler left to itself takes twice the instructions. */
THIMBLE_MVE_INLINE int32x4_t thimble_mve_quad(int32_t a, int32_t b, int32_t c, int32_t d) {
  int32x4_t quad;
  __asm__("vmov %e0, %1, %2\n\tvmov %f0, %3, %4" : "=w"(quad) : "r"(a), "r"(b), "r"(c), "r"(d));
  return quad;
}

/* How four neighbouring channels are scaled. */
typedef struct {
  int32x4_t bias, multiplier, shift;
  int32_t zero_point, minimum, maximum;
} thimble_mve_scale;

/* Of channels `channel` .. `channel` + 3, as far as `lanes` has them. */
THIMBLE_MVE_INLINE thimble_mve_scale thimble_mve_scale_part(const thimble_scale *scale, const int32_t *bias,
                                                            int32_t channel, mve_pred16_t lanes) {
  thimble_mve_scale at;
  at.bias = vldrwq_z_s32(bias + channel, lanes);
  if (scale->channel_step == 0) {
    at.multiplier = vdupq_n_s32(scale->multipliers[0]);
    at.shift = vdupq_n_s32(scale->shifts[0]);
  } else {
    at.multiplier = vldrwq_z_s32(scale->multipliers + channel, lanes);
    at.shift = vldrbq_z_s32(scale->shifts + channel, lanes);
  }
  at.zero_point = scale->zero_point;
  at.minimum = scale->minimum;
  at.maximum = scale->maximum;
  return at;
}

/* Of all four. */
THIMBLE_MVE_INLINE thimble_mve_scale thimble_mve_scale_at(const thimble_scale *scale, const int32_t *bias,
                                                          int32_t channel) {
  thimble_mve_scale at;
  at.bias = vldrwq_s32(bias + channel);
  if (scale->channel_step == 0) {
    at.multiplier = vdupq_n_s32(scale->multipliers[0]);
    at.shift = vdupq_n_s32(scale->shifts[0]);
  } else {
    at.multiplier = vldrwq_s32(scale->multipliers + channel);
    at.shift = vldrbq_s32(scale->shifts + channel);
  }
  at.zero_point = scale->zero_point;
  at.minimum = scale->minimum;
  at.maximum = scale->maximum;
  return at;
}

/* thimble_scaled of four sums. VQRDMULH is thimble_doubling_high_mul. VRSHL rounds halves up: one is taken off negative
 * numbers first, where they are shifted at all, which sends halves away from zero. */
THIMBLE_MVE_INLINE int32x4_t thimble_mve_scaled(const thimble_mve_scale *at, int32x4_t sums) {
  const int32x4_t right = vminq_s32(at->shift, vdupq_n_s32(0));
  sums = vqrdmulhq_s32(vshlq_s32(sums, vmaxq_s32(at->shift, vdupq_n_s32(0))), at->multiplier);
  sums = vqaddq_s32(sums, vshrq_n_s32(vandq_s32(sums, right), 31));
  sums = vaddq_n_s32(vrshlq_s32(sums, right), at->zero_point);
  return vminq_s32(vmaxq_s32(sums, vdupq_n_s32(at->minimum)), vdupq_n_s32(at->maximum));
}

/* Where the weights of four outputs are, and their sums. */
typedef struct {
  const int8_t *w0, *w1, *w2, *w3;
  int32_t sum0, sum1, sum2, sum3;
} thimble_mve_dot4;

/* Outputs from the one on whose weights are at `w`, `stride` apart; where there are less than four, the
 * others repeat the first. */
THIMBLE_MVE_INLINE thimble_mve_dot4 thimble_mve_dot4_at(const int8_t *w, int32_t stride, int32_t outputs) {
  thimble_mve_dot4 dot;
  dot.w0 = w;
  dot.w1 = outputs > 1 ? w + stride : w;
  dot.w2 = outputs > 2 ? w + 2 * stride : w;
  dot.w3 = outputs > 3 ? w + 3 * stride : w;
  dot.sum0 = dot.sum1 = dot.sum2 = dot.sum3 = 0;
  return dot;
}

/* Products of the values of `lanes`, without a look at other weights. */
THIMBLE_MVE_INLINE void thimble_mve_add_part(thimble_mve_dot4 *dot, int8x16_t x, mve_pred16_t lanes) {
  dot->sum0 = vmladavaq_s8(dot->sum0, x, vldrbq_z_s8(dot->w0, lanes));
  dot->sum1 = vmladavaq_s8(dot->sum1, x, vldrbq_z_s8(dot->w1, lanes));
  dot->sum2 = vmladavaq_s8(dot->sum2, x, vldrbq_z_s8(dot->w2, lanes));
  dot->sum3 = vmladavaq_s8(dot->sum3, x, vldrbq_z_s8(dot->w3, lanes));
}

THIMBLE_MVE_INLINE void thimble_mve_go_on(thimble_mve_dot4 *dot, int32_t count) {
  dot->w0 += count;
  dot->w1 += count;
  dot->w2 += count;
  dot->w3 += count;
}

/* Products of 16 values for every one of `chunks`; the loop is written out since it needs nine registers,
 * each of which a compiler would keep twice. */
#define THIMBLE_MVE_CHUNKS                                                                          \
  __asm__(                                                                                          \
      "dls lr, %[n]\n"                                                                              \
      "1:\n\t"                                                                                      \
      "vldrb.8 q0, [%[x]], #16\n\t"                                                                \
      "vldrb.8 q1, [%[w0]], #16\n\t"                                                                \
      "vmladava.s8 %[s0], q0, q1\n\t"                                                               \
      "vldrb.8 q1, [%[w1]], #16\n\t"                                                                \
      "vmladava.s8 %[s1], q0, q1\n\t"                                                               \
      "vldrb.8 q1, [%[w2]], #16\n\t"                                                                \
      "vmladava.s8 %[s2], q0, q1\n\t"                                                               \
      "vldrb.8 q1, [%[w3]], #16\n\t"                                                                \
      "vmladava.s8 %[s3], q0, q1\n\t"                                                               \
      "le lr, 1b"                                                                                   \
      : [s0] "+Te"(dot->sum0), [s1] "+Te"(dot->sum1), [s2] "+Te"(dot->sum2), [s3] "+Te"(dot->sum3), \
        [w0] "+r"(dot->w0), [w1] "+r"(dot->w1), [w2] "+r"(dot->w2), [w3] "+r"(dot->w3), [x] "+r"(x) \
      : [n] "r"(chunks)                                                                             \
      : "lr", "q0", "q1", "memory")

THIMBLE_MVE_INLINE void thimble_mve_add_part_run(thimble_mve_dot4 *dot, const int8_t *x, int32_t count) {
  const mve_pred16_t lanes = vctp8q((uint32_t)count);
  thimble_mve_add_part(dot, vldrbq_z_s8(x, lanes), lanes);
  thimble_mve_go_on(dot, count);
}

/* Products of `count` values at `x`. */
THIMBLE_MVE_INLINE void thimble_mve_add_run(thimble_mve_dot4 *dot, const int8_t *x, int32_t count) {
  const int32_t chunks = count >> 4;
  if (chunks > 0) THIMBLE_MVE_CHUNKS;
  if ((count & 15) != 0) thimble_mve_add_part_run(dot, x, count & 15);
}

THIMBLE_MVE_INLINE int32x4_t thimble_mve_sums(const thimble_mve_dot4 *dot) {
  return thimble_mve_quad(dot->sum0, dot->sum1, dot->sum2, dot->sum3);
}

#endif

#endif
