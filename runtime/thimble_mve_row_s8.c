#include "thimble_mve_row_s8.h"

#ifdef THIMBLE_MVE

/* Products of 16 values with weights `at` further. */
#define THIMBLE_MVE_DOT(add, x, at)                \
  "vldrb.8 q4, [%[w0], #" at "]\n\t"               \
  "vldrb.8 q5, [%[w1], #" at "]\n\t"               \
  "vmladav" add ".s8 %[s0], " x ", q4\n\t"         \
  "vldrb.8 q6, [%[w2], #" at "]\n\t"               \
  "vmladav" add ".s8 %[s1], " x ", q5\n\t"         \
  "vldrb.8 q7, [%[w3], #" at "]\n\t"               \
  "vmladav" add ".s8 %[s2], " x ", q6\n\t"         \
  "vmladav" add ".s8 %[s3], " x ", q7\n\t"
/* The last ones, of which there are less. */
#define THIMBLE_MVE_DOT_PART(add, x, at)           \
  "vpstttt\n\t"                                    \
  "vldrbt.8 q4, [%[w0], #" at "]\n\t"              \
  "vldrbt.8 q5, [%[w1], #" at "]\n\t"              \
  "vldrbt.8 q6, [%[w2], #" at "]\n\t"              \
  "vldrbt.8 q7, [%[w3], #" at "]\n\t"              \
  "vmladav" add ".s8 %[s0], " x ", q4\n\t"         \
  "vmladav" add ".s8 %[s1], " x ", q5\n\t"         \
  "vmladav" add ".s8 %[s2], " x ", q6\n\t"         \
  "vmladav" add ".s8 %[s3], " x ", q7\n\t"
#define THIMBLE_MVE_DOTS(dots)                                                                        \
  __asm__("vmsr p0, %[lanes]\n\t" dots                                                                \
          "add %[w0], %[w0], %[step]\n\t"                                                             \
          "add %[w1], %[w1], %[step]\n\t"                                                             \
          "add %[w2], %[w2], %[step]\n\t"                                                             \
          "add %[w3], %[w3], %[step]"                                                                 \
          : [s0] "=&Te"(s0), [s1] "=&Te"(s1), [s2] "=&Te"(s2), [s3] "=&Te"(s3), [w0] "+r"(w0),        \
            [w1] "+r"(w1), [w2] "+r"(w2), [w3] "+r"(w3)                                               \
          : [x0] "w"(x0), [x1] "w"(x1), [x2] "w"(x2), [last] "w"(last), [lanes] "r"((uint32_t)lanes), \
            [step] "r"(step)                                                                          \
          : "q4", "q5", "q6", "q7", "memory")

/* Four outputs at least, of `chunks` times 16 values at x, of which the last 16 may be less; none: of runs of 16
 * values, or of many. The last outputs may be made twice, to make four of them. */
THIMBLE_MVE_INLINE void thimble_mve_row_chunks(const thimble_mve_rows *g, const int8_t *x, const thimble_mve_run *run,
                                               const thimble_mve_run *end, int8_t *y, int chunks) {
  const int32_t depth = g->depth;
  const mve_pred16_t lanes = chunks > 0 ? vctp8q((uint32_t)(depth - 16 * (chunks - 1))) : 0;
  const int8x16_t last = chunks > 0 ? vldrbq_z_s8(x + 16 * (chunks - 1), lanes) : vdupq_n_s8(0);
  const int8x16_t x0 = chunks > 1 ? vldrbq_s8(x) : last;
  const int8x16_t x1 = chunks > 2 ? vldrbq_s8(x + 16) : last;
  const int8x16_t x2 = chunks > 3 ? vldrbq_s8(x + 32) : last;
  const int32_t *bias = g->bias, *multipliers = g->multipliers;
  const int8_t *shifts = g->shifts;
  const int8_t *w0 = g->w, *w1 = w0 + depth, *w2 = w1 + depth, *w3 = w2 + depth;
  int32_t left = g->outputs, step = 4 * depth;
  for (;;) {
    int32_t s0, s1, s2, s3;
    if (left < 8) step = (left - 4) * depth;
    if (chunks == 1) {
      THIMBLE_MVE_DOTS(THIMBLE_MVE_DOT_PART("", "%q[last]", "0"));
    } else if (chunks == 2) {
      THIMBLE_MVE_DOTS(THIMBLE_MVE_DOT("", "%q[x0]", "0") THIMBLE_MVE_DOT_PART("a", "%q[last]", "16"));
    } else if (chunks == 3) {
      THIMBLE_MVE_DOTS(THIMBLE_MVE_DOT("", "%q[x0]", "0") THIMBLE_MVE_DOT("a", "%q[x1]", "16")
                           THIMBLE_MVE_DOT_PART("a", "%q[last]", "32"));
    } else if (chunks == 4) {
      THIMBLE_MVE_DOTS(THIMBLE_MVE_DOT("", "%q[x0]", "0") THIMBLE_MVE_DOT("a", "%q[x1]", "16")
                           THIMBLE_MVE_DOT("a", "%q[x2]", "32") THIMBLE_MVE_DOT_PART("a", "%q[last]", "48"));
    } else {
      thimble_mve_dot4 dot = {w0, w1, w2, w3, 0, 0, 0, 0};
      for (const thimble_mve_run *next = run; next < end; ++next) {
        thimble_mve_add_run(&dot, next->x, next->count);
      }
      w0 = dot.w0 - depth + step;
      w1 = w0 + depth;
      w2 = w1 + depth;
      w3 = w2 + depth;
      s0 = dot.sum0;
      s1 = dot.sum1;
      s2 = dot.sum2;
      s3 = dot.sum3;
    }
    int32x4_t sums = vaddq_s32(thimble_mve_quad(s0, s1, s2, s3), vldrwq_s32(bias));
    const int32x4_t shift = vldrbq_s32(shifts);
    sums = vqrdmulhq_s32(sums, vldrwq_s32(multipliers));
    if (g->form != THIMBLE_MVE_RELU) sums = vqaddq_s32(sums, vshrq_n_s32(vandq_s32(sums, shift), 31));
    sums = vaddq_n_s32(vrshlq_s32(sums, shift), g->scale->zero_point);
    vstrbq_s32(y, thimble_mve_saturated(sums));
    if (left == 4) return;
    const int32_t next = left < 8 ? left - 4 : 4;
    bias += next;
    multipliers += next;
    shifts += next;
    y += next;
    left -= next;
  }
}

static __attribute__((noinline)) void thimble_mve_row_16(const thimble_mve_rows *g, const int8_t *x, int8_t *y) {
  thimble_mve_row_chunks(g, x, 0, 0, y, 1);
}

static __attribute__((noinline)) void thimble_mve_row_32(const thimble_mve_rows *g, const int8_t *x, int8_t *y) {
  thimble_mve_row_chunks(g, x, 0, 0, y, 2);
}

static __attribute__((noinline)) void thimble_mve_row_48(const thimble_mve_rows *g, const int8_t *x, int8_t *y) {
  thimble_mve_row_chunks(g, x, 0, 0, y, 3);
}

static __attribute__((noinline)) void thimble_mve_row_64(const thimble_mve_rows *g, const int8_t *x, int8_t *y) {
  thimble_mve_row_chunks(g, x, 0, 0, y, 4);
}

/* Any number of outputs, scaled in any way. */
static __attribute__((noinline)) void thimble_mve_row_any(const thimble_mve_rows *g, const thimble_mve_run *run,
                                                          const thimble_mve_run *end, int8_t *y) {
  const int8_t *w = g->w;
  for (int32_t o = 0; o < g->outputs; o += 4, w += 4 * g->depth) {
    const int32_t first = o * g->scale->channel_step;
    const mve_pred16_t lanes = vctp32q((uint32_t)(g->outputs - o));
    thimble_mve_dot4 dot = thimble_mve_dot4_at(w, g->depth, g->outputs - o);
    for (const thimble_mve_run *next = run; next < end; ++next) thimble_mve_add_run(&dot, next->x, next->count);
    thimble_mve_scale scale;
    if (g->scale->channel_step == 0) {
      scale.multiplier = vdupq_n_s32(g->multipliers[0]);
      scale.shift = vdupq_n_s32(g->shifts[0]);
    } else {
      scale.multiplier = vldrwq_z_s32(g->multipliers + first, lanes);
      scale.shift = vldrbq_z_s32(g->shifts + first, lanes);
    }
    scale.zero_point = g->scale->zero_point;
    scale.minimum = g->scale->minimum;
    scale.maximum = g->scale->maximum;
    const int32x4_t sums = vaddq_s32(thimble_mve_sums(&dot), vldrwq_z_s32(g->bias + o, lanes));
    vstrbq_p_s32(y + o, thimble_mve_scaled(&scale, sums, THIMBLE_MVE_GENERAL), lanes);
  }
}

void thimble_mve_row_of_runs(const thimble_mve_rows *g, const thimble_mve_run *run, const thimble_mve_run *end,
                             int8_t *y) {
  if (g->form == THIMBLE_MVE_GENERAL) {
    thimble_mve_row_any(g, run, end, y);
  } else {
    thimble_mve_row_chunks(g, 0, run, end, y, 0);
  }
}

void thimble_mve_row(const thimble_mve_rows *g, const int8_t *x, int8_t *y) {
  if (g->depth > 64 || g->form == THIMBLE_MVE_GENERAL) {
    thimble_mve_run run;
    run.x = x;
    run.count = g->depth;
    thimble_mve_row_of_runs(g, &run, &run + 1, y);
  } else if (g->depth <= 16) {
    thimble_mve_row_16(g, x, y);
  } else if (g->depth <= 32) {
    thimble_mve_row_32(g, x, y);
  } else if (g->depth <= 48) {
    thimble_mve_row_48(g, x, y);
  } else {
    thimble_mve_row_64(g, x, y);
  }
}

#else
typedef int thimble_mve_row_s8_is_empty;
#endif
