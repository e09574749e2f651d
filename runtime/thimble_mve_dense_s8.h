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

/* Four outputs of all rows, whose scaling stays in registers. `dots` leaves their products in `sums` and x at the next
 * row, and may use `other`, and `used` besides. s0 begins as the number of rows, s1 as the lanes of the last values. */
#define THIMBLE_MVE_DENSE_ROWS(dots, sums, other, zero_point, used, ...)                                           \
  __asm__ volatile("vctp.8 %[s1]\n\tdls lr, %[s0]\n"                                                               \
                   "1:\n\t" dots                                                                                   \
                   "vadd.i32 " sums ", " sums ", %q[bias]\n\t"                                                     \
                   "vqrdmulh.s32 " sums ", " sums ", %q[multiplier]\n\t"                                           \
                   "cbz %[sign], 2f\n\t"                                                                           \
                   "vand " other ", " sums ", %q[shift]\n\t"                                                       \
                   "vshr.s32 " other ", " other ", #31\n\t"                                                        \
                   "vqadd.s32 " sums ", " sums ", " other "\n"                                                     \
                   "2:\n\t"                                                                                        \
                   "vrshl.s32 " sums ", " sums ", %q[shift]\n\t"                                                   \
                   "vadd.i32 " sums ", " sums ", " zero_point "\n\t"                                               \
                   "vqmovnb.s32 " sums ", " sums "\n\t"                                                            \
                   "vqmovnb.s16 " sums ", " sums "\n\t"                                                            \
                   "vstrb.32 " sums ", [%[y]]\n\t"                                                                 \
                   "add %[y], %[y], %[y_step]\n\t"                                                                 \
                   "le lr, 1b"                                                                                     \
                   : [x] "+&r"(x), [y] "+&l"(y), [s0] "+&Te"(s0), [s1] "+&Te"(s1)                                  \
                   : [x_step] "r"(p->input_step), [y_step] "r"(p->output_step), [sign] "l"(sign),                  \
                     [bias] "w"(scale.bias), [multiplier] "w"(scale.multiplier), [shift] "w"(scale.shift),         \
                     __VA_ARGS__                                                                                   \
                   : "lr", "q0", "q1", used "memory")

/* Rows of at most 16 features, outputs by four: the weights of three stay in registers, too. */
static __attribute__((noinline)) void thimble_mve_dense_16(const thimble_mve_dense *g) {
  const thimble_fully_connected_s8_params *const p = g->p;
  const int32_t depth = p->depth, sign = p->scale.form != THIMBLE_MVE_RELU;
  const int8_t *w = g->w;
  for (int32_t o = g->output; o < g->output_end; o += 4) {
    const mve_pred16_t lanes = vctp8q((uint32_t)depth);
    const thimble_mve_scale scale = thimble_mve_scale_at(&p->scale, p->bias, o);
    const int8x16_t w0 = vldrbq_z_s8(w, lanes), w1 = vldrbq_z_s8(w + depth, lanes);
    const int8x16_t w2 = vldrbq_z_s8(w + 2 * depth, lanes);
    const int8_t *const w3 = w + 3 * depth, *x = g->x;
    int8_t *y = g->y + (o - g->output);
    int32_t s0 = g->rows, s1 = depth;
    w = w3 + depth;
    THIMBLE_MVE_DENSE_ROWS(
        "vpstt\n\t"
        "vldrbt.8 q0, [%[x]]\n\t"
        "vldrbt.8 q1, [%[w3]]\n\t"
        "add %[x], %[x], %[x_step]\n\t"
        "vmladav.s8 %[s0], q0, %q[w2]\n\t"
        "vmladav.s8 %[s1], q0, q1\n\t"
        "vmov d3, %[s0], %[s1]\n\t"
        "vmladav.s8 %[s0], q0, %q[w0]\n\t"
        "vmladav.s8 %[s1], q0, %q[w1]\n\t"
        "vmov d2, %[s0], %[s1]\n\t",
        "q1", "q0", "%[zero_point]", , [w0] "w"(w0), [w1] "w"(w1), [w2] "w"(w2), [w3] "r"(w3),
        [zero_point] "r"(p->scale.zero_point));
  }
}

#define THIMBLE_MVE_DENSE_DOT(w, s)  \
  "vldrb.8 q2, [%[" w "]]\n\t"       \
  "vmladav.s8 %[" s "], q0, q2\n\t"  \
  "vldrb.8 q2, [%[" w "], #16]\n\t"  \
  "vmladava.s8 %[" s "], q1, q2\n\t"
#define THIMBLE_MVE_DENSE_32 "q2", "q3",

/* Rows of 17 to 32 features, likewise, with weights loaded again for each. Of the last row's, others may be
 * read beyond the last, and are multiplied by zeros. */
static __attribute__((noinline)) void thimble_mve_dense_32(const thimble_mve_dense *g) {
  const thimble_fully_connected_s8_params *const p = g->p;
  const int32_t depth = p->depth, sign = p->scale.form != THIMBLE_MVE_RELU;
  const int32x4_t zero_point = vdupq_n_s32(p->scale.zero_point);
  const int8_t *w = g->w;
  for (int32_t o = g->output; o < g->output_end; o += 4, w += 4 * depth) {
    const thimble_mve_scale scale = thimble_mve_scale_at(&p->scale, p->bias, o);
    const int8_t *const w1 = w + depth, *const w2 = w1 + depth, *const w3 = w2 + depth, *x = g->x;
    int8_t *y = g->y + (o - g->output);
    int32_t s0 = g->rows, s1 = depth - 16;
    THIMBLE_MVE_DENSE_ROWS(
        "vldrb.8 q0, [%[x]]\n\t"
        "vpst\n\t"
        "vldrbt.8 q1, [%[x], #16]\n\t"
        "add %[x], %[x], %[x_step]\n\t"
        THIMBLE_MVE_DENSE_DOT("w0", "s0") THIMBLE_MVE_DENSE_DOT("w1", "s1")
        "vmov d6, %[s0], %[s1]\n\t"
        THIMBLE_MVE_DENSE_DOT("w2", "s0") THIMBLE_MVE_DENSE_DOT("w3", "s1")
        "vmov d7, %[s0], %[s1]\n\t",
        "q3", "q2", "%q[zero_point]", THIMBLE_MVE_DENSE_32, [w0] "r"(w), [w1] "r"(w1), [w2] "r"(w2), [w3] "r"(w3),
        [zero_point] "w"(zero_point));
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
  thimble_mve_rows g;
  const thimble_mve_places at = {x, y, p->input_step, p->output_step, rows, 0};
  thimble_mve_set_rows(&g, &p->scale, p->bias, p->weights, depth, output, output_end);
  thimble_mve_row(&g, &at);
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
