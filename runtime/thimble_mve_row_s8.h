/* Outputs of one short row of values, which stays in registers on cores with Helium. */
#ifndef THIMBLE_MVE_ROW_S8_H
#define THIMBLE_MVE_ROW_S8_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

/* Where the next four outputs have their constants. */
typedef struct {
  const int8_t *x, *w;
  const int32_t *bias, *multipliers;
  const int8_t *shifts;
  int32_t depth, outputs, zero_point, relu;
  int8_t *y;
} thimble_mve_row_params;

/* At least four outputs of `chunks` times 16 values, of which the last 16 may be less. The last outputs may
 * be made twice, to make four of them. */
THIMBLE_MVE_INLINE void thimble_mve_row_chunks(const thimble_mve_row_params *g, int chunks) {
  const int32_t depth = g->depth, zero_point = g->zero_point, relu = g->relu;
  const mve_pred16_t lanes = vctp8q((uint32_t)(depth - 16 * (chunks - 1)));
  const int32_t *bias = g->bias, *multipliers = g->multipliers;
  const int8_t *shifts = g->shifts, *x = g->x;
  int8_t *y = g->y;
  const int8x16_t last = vldrbq_z_s8(x + 16 * (chunks - 1), lanes);
  const int8x16_t x0 = chunks > 1 ? vldrbq_s8(x) : last;
  const int8x16_t x1 = chunks > 2 ? vldrbq_s8(x + 16) : last;
  const int8x16_t x2 = chunks > 3 ? vldrbq_s8(x + 32) : last;
  thimble_mve_dot4 dot = thimble_mve_dot4_at(g->w, depth, 4);
  const int32_t step = 4 * depth - 16 * (chunks - 1);
  int32_t left = g->outputs;
  for (;;) {
    if (chunks > 1) thimble_mve_first(&dot, x0);
    if (chunks > 2) thimble_mve_add(&dot, x1, 16);
    if (chunks > 3) thimble_mve_add(&dot, x2, 32);
    if (chunks == 1) dot.sum0 = dot.sum1 = dot.sum2 = dot.sum3 = 0;
    thimble_mve_go_on(&dot, 16 * (chunks - 1));
    thimble_mve_add_part(&dot, last, lanes);
    int32x4_t sums = vaddq_s32(thimble_mve_sums(&dot), vldrwq_s32(bias));
    const int32x4_t shift = vldrbq_s32(shifts);
    sums = vqrdmulhq_s32(sums, vldrwq_s32(multipliers));
    if (!relu) sums = vqaddq_s32(sums, vshrq_n_s32(vandq_s32(sums, shift), 31));
    vstrbq_s32(y, thimble_mve_saturated(vaddq_n_s32(vrshlq_s32(sums, shift), zero_point)));
    left -= 4;
    if (left <= 0) break;
    thimble_mve_go_on(&dot, step);
    bias += 4;
    multipliers += 4;
    shifts += 4;
    y += 4;
    if (left < 4) {
      const int32_t back = 4 - left;
      thimble_mve_go_on(&dot, -back * depth);
      bias -= back;
      multipliers -= back;
      shifts -= back;
      y -= back;
    }
  }
}

/* The same of any depth. */
static __attribute__((noinline)) void thimble_mve_row_long(const thimble_mve_row_params *g) {
  const int32_t depth = g->depth, zero_point = g->zero_point, relu = g->relu;
  const int32_t *bias = g->bias, *multipliers = g->multipliers;
  const int8_t *shifts = g->shifts;
  int8_t *y = g->y;
  thimble_mve_dot4 dot = thimble_mve_dot4_at(g->w, depth, 4);
  int32_t left = g->outputs;
  for (;;) {
    dot.sum0 = dot.sum1 = dot.sum2 = dot.sum3 = 0;
    thimble_mve_add_run(&dot, g->x, depth);
    int32x4_t sums = vaddq_s32(thimble_mve_sums(&dot), vldrwq_s32(bias));
    const int32x4_t shift = vldrbq_s32(shifts);
    sums = vqrdmulhq_s32(sums, vldrwq_s32(multipliers));
    if (!relu) sums = vqaddq_s32(sums, vshrq_n_s32(vandq_s32(sums, shift), 31));
    vstrbq_s32(y, thimble_mve_saturated(vaddq_n_s32(vrshlq_s32(sums, shift), zero_point)));
    left -= 4;
    if (left <= 0) break;
    const int32_t next = left < 4 ? left : 4;
    thimble_mve_go_on(&dot, (next - 1) * depth);
    bias += next;
    multipliers += next;
    shifts += next;
    y += next;
    if (next < 4) left = 4;
  }
}

static __attribute__((noinline)) void thimble_mve_row_16(const thimble_mve_row_params *g) {
  thimble_mve_row_chunks(g, 1);
}

static __attribute__((noinline)) void thimble_mve_row_32(const thimble_mve_row_params *g) {
  thimble_mve_row_chunks(g, 2);
}

static __attribute__((noinline)) void thimble_mve_row_48(const thimble_mve_row_params *g) {
  thimble_mve_row_chunks(g, 3);
}

static __attribute__((noinline)) void thimble_mve_row_64(const thimble_mve_row_params *g) {
  thimble_mve_row_chunks(g, 4);
}

/* Outputs output .. output_end - 1, four or more of them with scales of their own. `form` is not the general
 * one. */
static inline void thimble_mve_row(const thimble_scale *scale, const int32_t *bias, const int8_t *weights,
                                   int32_t depth, const int8_t *x, int32_t output, int32_t output_end,
                                   int form, int8_t *y) {
  const thimble_mve_row_params g = {
      x,     weights + output * depth, bias + output,     scale->multipliers + output, scale->shifts + output,
      depth, output_end - output,      scale->zero_point, form == THIMBLE_MVE_RELU,    y};
  if (depth <= 16) {
    thimble_mve_row_16(&g);
  } else if (depth <= 32) {
    thimble_mve_row_32(&g);
  } else if (depth <= 48) {
    thimble_mve_row_48(&g);
  } else if (depth <= 64) {
    thimble_mve_row_64(&g);
  } else {
    thimble_mve_row_long(&g);
  }
}

#endif

#endif
