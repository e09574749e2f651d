/* Dense layers on cores with Helium: four outputs of all rows, then the next four. */
#ifndef THIMBLE_MVE_DENSE_S8_H
#define THIMBLE_MVE_DENSE_S8_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

#include "thimble_fully_connected.h"
#include "thimble_mve_row_s8.h"
#include "thimble_sums.h"

/* A call, or the part of it that one of the functions below does. */
typedef struct {
  const thimble_fully_connected_s8_params *p;
  int32_t rows, output, output_end;
  const int8_t *x, *w;
  int8_t *y;
} thimble_mve_dense;

/* Rows of at most 16 features, outputs by four: the weights stay in registers. */
static __attribute__((noinline)) void thimble_mve_dense_16(const thimble_mve_dense *g) {
  const int32_t depth = g->p->depth, input_step = g->p->input_step, output_step = g->p->output_step;
  const int32_t sign = g->p->scale.form != THIMBLE_MVE_RELU;
  const mve_pred16_t lanes = vctp8q((uint32_t)depth);
  const int8_t *w = g->w;
  int8_t *to = g->y;
  for (int32_t o = g->output; o < g->output_end; o += 4, w += 4 * depth, to += 4) {
    const thimble_mve_scale scale = thimble_mve_scale_at(&g->p->scale, g->p->bias, o);
    const int8x16_t w0 = vldrbq_z_s8(w, lanes);
    const int8x16_t w1 = vldrbq_z_s8(w + depth, lanes);
    const int8x16_t w2 = vldrbq_z_s8(w + 2 * depth, lanes);
    const int8x16_t w3 = vldrbq_z_s8(w + 3 * depth, lanes);
    const int8_t *x = g->x;
    int8_t *y = to;
    for (int32_t r = g->rows; r > 0; --r, x += input_step, y += output_step) {
      const int8x16_t xs = vldrbq_z_s8(x, lanes);
      const int32x4_t sums = thimble_mve_quad(vmladavq_s8(xs, w0), vmladavq_s8(xs, w1), vmladavq_s8(xs, w2),
                                              vmladavq_s8(xs, w3));
      vstrbq_s32(y, thimble_mve_stored(&scale, vaddq_s32(sums, scale.bias), sign));
    }
  }
}

/* Rows of 17 to 32 features, likewise, with weights loaded again for each. Of the last row's, others may be
 * read beyond the last, and are multiplied by zeros. */
static __attribute__((noinline)) void thimble_mve_dense_32(const thimble_mve_dense *g) {
  const int32_t depth = g->p->depth, input_step = g->p->input_step, output_step = g->p->output_step;
  const int32_t sign = g->p->scale.form != THIMBLE_MVE_RELU;
  const mve_pred16_t lanes = vctp8q((uint32_t)(depth - 16));
  const int8_t *w = g->w;
  int8_t *to = g->y;
  for (int32_t o = g->output; o < g->output_end; o += 4, w += 4 * depth, to += 4) {
    const thimble_mve_scale scale = thimble_mve_scale_at(&g->p->scale, g->p->bias, o);
    const int8_t *x = g->x;
    int8_t *y = to;
    thimble_mve_dot4 dot = thimble_mve_dot4_at(w, depth, 4);
    for (int32_t r = g->rows; r > 0; --r, x += input_step, y += output_step) {
      thimble_mve_first(&dot, vldrbq_s8(x));
      thimble_mve_add(&dot, vldrbq_z_s8(x + 16, lanes), 16);
      vstrbq_s32(y, thimble_mve_stored(&scale, vaddq_s32(thimble_mve_sums(&dot), scale.bias), sign));
    }
  }
}

static inline void thimble_mve_dense_s8(const thimble_fully_connected_s8_params *p, int32_t rows,
                                        int32_t output, int32_t output_end, const int8_t *x, int8_t *y) {
  const int32_t depth = p->depth, form = p->scale.form;
  if (form != THIMBLE_MVE_GENERAL && rows > 2 && depth <= 32) {
    /* Weights are read beyond the last row's when there is something after. */
    const int32_t outputs = output_end - output;
    thimble_mve_dense g = {p, rows, output, output, x, p->weights + output * depth, y};
    g.output_end += (depth <= 16 || depth == 32 ? outputs : outputs - 1) & ~3;
    if (depth <= 16) {
      thimble_mve_dense_16(&g);
    } else {
      thimble_mve_dense_32(&g);
    }
    y += g.output_end - output;
    output = g.output_end;
    if (output == output_end) return;
  }
  const thimble_mve_rows g = thimble_mve_rows_of(&p->scale, p->bias, p->weights, depth, output, output_end);
  for (; rows > 0; --rows, x += p->input_step, y += p->output_step) thimble_mve_row(&g, x, y);
}

/* Up to four sums that wait (thimble_sums.h). */
static inline int32x4_t thimble_mve_sums_at(const void *sums, int32_t bytes, int32_t at, int32_t count) {
  const mve_pred16_t lanes = vctp32q((uint32_t)count);
  if (bytes == 4) return vldrwq_z_s32((const int32_t *)sums + at, lanes);
  if (bytes == 2) return vldrhq_z_s32((const int16_t *)sums + at, lanes);
  int32_t s[4] = {0, 0, 0, 0};
  for (int32_t i = 0; i < 4 && i < count; ++i) s[i] = thimble_sum_at(sums, bytes, at + i);
  return vldrwq_s32(s);
}

static inline void thimble_mve_set_sums(void *sums, int32_t bytes, int32_t at, int32_t count,
                                        int32x4_t values) {
  const mve_pred16_t lanes = vctp32q((uint32_t)count);
  if (bytes == 4) {
    vstrwq_p_s32((int32_t *)sums + at, values, lanes);
  } else if (bytes == 2) {
    vstrhq_p_s32((int16_t *)sums + at, values, lanes);
  } else {
    int32_t s[4];
    vstrwq_s32(s, values);
    for (int32_t i = 0; i < 4 && i < count; ++i) thimble_set_sum(sums, bytes, at + i, s[i]);
  }
}

/* Sums of a part of the features: four at a time, the last ones of less. */
static inline void thimble_mve_dense_part_s8(const thimble_fully_connected_s8_params *p,
                                             const thimble_dense_part *part, int32_t rows, int32_t output,
                                             int32_t output_end, const int8_t *x, void *sums, int8_t *y) {
  const int32_t depth = p->depth, count = part->end - part->begin;
  for (int32_t r = 0; r < rows; ++r, x += p->input_step, y += p->output_step) {
    const int8_t *w = p->weights + output * depth + part->begin;
    for (int32_t o = output; o < output_end; o += 4, w += 4 * depth) {
      const int32_t outputs = output_end - o;
      const int32_t at = r * part->sum_step + o - output;
      const mve_pred16_t lanes = vctp32q((uint32_t)outputs);
      const thimble_mve_scale scale = thimble_mve_scale_part(&p->scale, p->bias, o, lanes);
      int32x4_t before = scale.bias;
      if (!part->first) before = thimble_mve_sums_at(sums, part->sum_bytes, at, outputs);
      thimble_mve_dot4 dot = thimble_mve_dot4_at(w, depth, outputs);
      thimble_mve_add_run(&dot, x, count);
      const int32x4_t s = vaddq_s32(thimble_mve_sums(&dot), before);
      if (part->last) {
        vstrbq_p_s32(y + (o - output), thimble_mve_scaled(&scale, s), lanes);
      } else {
        thimble_mve_set_sums(sums, part->sum_bytes, at, outputs, s);
      }
    }
  }
}

#endif

#endif
