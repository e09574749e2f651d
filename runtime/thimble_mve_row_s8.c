#include "thimble_mve_row_s8.h"

#ifdef THIMBLE_MVE

/* Fours of outputs of a row that stays in registers. The loop is written out: it takes all of them. s0 begins as
 * the number of fours, s1 as the lanes of the last 16 values. */
#define THIMBLE_MVE_FOURS(dots)                                                                                \
  __asm__ volatile("vmsr p0, %[s1]\n\tdls lr, %[s0]\n"                                                         \
          "1:\n\t" dots                                                                                        \
          "vmov %e[sums], %[s0], %[s1]\n\t"                                                                    \
          "vmov %f[sums], %[s2], %[s3]\n\t"                                                                    \
          "vldrw.32 %q[a], [%[bias]], #16\n\t"                                                                 \
          "vadd.i32 %q[sums], %q[sums], %q[a]\n\t"                                                             \
          "vldrw.32 %q[a], [%[multipliers]], #16\n\t"                                                          \
          "vqrdmulh.s32 %q[sums], %q[sums], %q[a]\n\t"                                                         \
          "vldrb.s32 %q[a], [%[shifts]], #4\n\t"                                                               \
          "cbz %[sign], 2f\n\t"                                                                                \
          "vand %q[b], %q[sums], %q[a]\n\t"                                                                    \
          "vshr.s32 %q[b], %q[b], #31\n\t"                                                                     \
          "vqadd.s32 %q[sums], %q[sums], %q[b]\n"                                                              \
          "2:\n\t"                                                                                             \
          "vrshl.s32 %q[sums], %q[sums], %q[a]\n\t"                                                            \
          "vadd.i32 %q[sums], %q[sums], %q[zero_point]\n\t"                                                    \
          "vqmovnb.s32 %q[sums], %q[sums]\n\t"                                                                 \
          "vqmovnb.s16 %q[sums], %q[sums]\n\t"                                                                 \
          "vstrb.32 %q[sums], [%[y]], #4\n\t"                                                                  \
          "le lr, 1b"                                                                                          \
          : [w] "+&r"(w), [bias] "+&r"(bias), [multipliers] "+&r"(multipliers), [shifts] "+&l"(shifts),        \
            [y] "+&l"(y), [s0] "+&Te"(s0), [s1] "+&Te"(s1), [s2] "=&Te"(s2), [s3] "=&Te"(s3),                  \
            [sums] "=&w"(sums), [a] "=&w"(v), [b] "=&w"(u)                                                     \
          : [x0] "w"(x0), [x1] "w"(x1), [x2] "w"(x2), [last] "w"(last), \
            [depth] "r"(depth), [sign] "l"(sign), [zero_point] "w"(zero_point)            \
          : "lr", "memory")
/* One output: `dots` is for what is before the last 16 values, which may count some of those again, times zero. */
#define THIMBLE_MVE_ONE(s, dots) \
  dots(s) "add %[w], %[w], %[depth]\n\t" "vldrb.8 %q[a], [%[w], #-16]\n\t" "vmladava.s8 %[" s "], %q[last], %q[a]\n\t"
#define THIMBLE_MVE_EACH(dots) \
  THIMBLE_MVE_ONE("s0", dots) THIMBLE_MVE_ONE("s1", dots) THIMBLE_MVE_ONE("s2", dots) THIMBLE_MVE_ONE("s3", dots)
#define THIMBLE_MVE_32(s) "vldrb.8 %q[a], [%[w]]\n\t" "vmladav.s8 %[" s "], %q[x0], %q[a]\n\t"
#define THIMBLE_MVE_48(s) THIMBLE_MVE_32(s) "vldrb.8 %q[b], [%[w], #16]\n\t" "vmladava.s8 %[" s "], %q[x1], %q[b]\n\t"
#define THIMBLE_MVE_64(s) THIMBLE_MVE_48(s) "vldrb.8 %q[a], [%[w], #32]\n\t" "vmladava.s8 %[" s "], %q[x2], %q[a]\n\t"
/* Four outputs of 16 values or less. */
#define THIMBLE_MVE_16              \
  "add %[s1], %[w], %[depth]\n\t"   \
  "add %[s2], %[s1], %[depth]\n\t"  \
  "add %[s3], %[s2], %[depth]\n\t"  \
  "vpsttt\n\t"                      \
  "vldrbt.8 %q[a], [%[w]]\n\t"      \
  "vldrbt.8 %q[b], [%[s1]]\n\t"     \
  "vldrbt.8 %q[sums], [%[s2]]\n\t"  \
  "vmladav.s8 %[s0], %q[last], %q[a]\n\t"    \
  "vpst\n\t"                                 \
  "vldrbt.8 %q[a], [%[s3]]\n\t"              \
  "add %[w], %[s3], %[depth]\n\t"            \
  "vmladav.s8 %[s1], %q[last], %q[b]\n\t"    \
  "vmladav.s8 %[s2], %q[last], %q[sums]\n\t" \
  "vmladav.s8 %[s3], %q[last], %q[a]\n\t"

/* Four outputs at least, of `chunks` times 16 values at x, of which the last may be less. The last outputs may be made
 * twice, to make four of them. */
THIMBLE_MVE_INLINE void thimble_mve_row_chunks(const thimble_mve_rows *g, const int8_t *x, int8_t *y, int chunks) {
  const int32_t depth = g->depth, sign = g->form != THIMBLE_MVE_RELU;
  const int32_t more = 16 * chunks - depth;
  const int32x4_t zero_point = vdupq_n_s32(g->scale->zero_point);
  const uint32_t lanes = vctp8q((uint32_t)(chunks == 1 ? depth : more));
  const int8x16_t last =
      chunks == 1 ? vldrbq_z_s8(x, (mve_pred16_t)lanes) : vldrbq_z_s8(x + depth - 16, vpnot((mve_pred16_t)lanes));
  const int8x16_t x0 = chunks > 1 ? vldrbq_s8(x) : last;
  const int8x16_t x1 = chunks > 2 ? vldrbq_s8(x + 16) : last;
  const int8x16_t x2 = chunks > 3 ? vldrbq_s8(x + 32) : last;
  const int32_t *bias = g->bias, *multipliers = g->multipliers;
  const int8_t *shifts = g->shifts, *w = g->w;
  int32_t fours = g->outputs >> 2, rest = g->outputs & 3;
  for (;;) {
    int32x4_t sums, v, u;
    int32_t s0 = fours, s1 = (int32_t)lanes, s2, s3;
    if (chunks == 1) {
      THIMBLE_MVE_FOURS(THIMBLE_MVE_16);
    } else if (chunks == 2) {
      THIMBLE_MVE_FOURS(THIMBLE_MVE_EACH(THIMBLE_MVE_32));
    } else if (chunks == 3) {
      THIMBLE_MVE_FOURS(THIMBLE_MVE_EACH(THIMBLE_MVE_48));
    } else {
      THIMBLE_MVE_FOURS(THIMBLE_MVE_EACH(THIMBLE_MVE_64));
    }
    if (rest == 0) return;
    rest -= 4;
    w += rest * depth;
    bias += rest;
    multipliers += rest;
    shifts += rest;
    y += rest;
    rest = 0;
    fours = 1;
  }
}

static __attribute__((noinline)) void thimble_mve_row_16(const thimble_mve_rows *g, const int8_t *x, int8_t *y) {
  thimble_mve_row_chunks(g, x, y, 1);
}

static __attribute__((noinline)) void thimble_mve_row_32(const thimble_mve_rows *g, const int8_t *x, int8_t *y) {
  thimble_mve_row_chunks(g, x, y, 2);
}

static __attribute__((noinline)) void thimble_mve_row_48(const thimble_mve_rows *g, const int8_t *x, int8_t *y) {
  thimble_mve_row_chunks(g, x, y, 3);
}

static __attribute__((noinline)) void thimble_mve_row_64(const thimble_mve_rows *g, const int8_t *x, int8_t *y) {
  thimble_mve_row_chunks(g, x, y, 4);
}

/* Sums of four outputs over runs of any length. */
#define THIMBLE_MVE_SUM_RUNS                                                                                   \
  __asm__ volatile(                                                                                            \
      "1:\n\t"                                                                                                 \
      "ldrd %[x], %[n], [%[next]], #8\n\t"                                                                     \
      "lsr lr, %[n], #4\n\t"                                                                                   \
      "wls lr, lr, 3f\n"                                                                                       \
      "2:\n\t"                                                                                                 \
      "vldrb.8 q0, [%[x]], #16\n\t"                                                                            \
      "vldrb.8 q1, [%[w0]], #16\n\t"                                                                           \
      "vmladava.s8 %[s0], q0, q1\n\t"                                                                          \
      "vldrb.8 q1, [%[w1]], #16\n\t"                                                                           \
      "vmladava.s8 %[s1], q0, q1\n\t"                                                                          \
      "vldrb.8 q1, [%[w2]], #16\n\t"                                                                           \
      "vmladava.s8 %[s2], q0, q1\n\t"                                                                          \
      "vldrb.8 q1, [%[w3]], #16\n\t"                                                                           \
      "vmladava.s8 %[s3], q0, q1\n\t"                                                                          \
      "le lr, 2b\n"                                                                                            \
      "3:\n\t"                                                                                                 \
      "ands %[n], %[n], #15\n\t"                                                                               \
      "beq 4f\n\t"                                                                                             \
      "vctp.8 %[n]\n\t"                                                                                        \
      "vpstttt\n\t"                                                                                            \
      "vldrbt.8 q0, [%[x]]\n\t"                                                                                \
      "vldrbt.8 q1, [%[w0]]\n\t"                                                                               \
      "vldrbt.8 q2, [%[w1]]\n\t"                                                                               \
      "vldrbt.8 q3, [%[w2]]\n\t"                                                                               \
      "vmladava.s8 %[s0], q0, q1\n\t"                                                                          \
      "vpst\n\t"                                                                                               \
      "vldrbt.8 q1, [%[w3]]\n\t"                                                                               \
      "vmladava.s8 %[s1], q0, q2\n\t"                                                                          \
      "vmladava.s8 %[s2], q0, q3\n\t"                                                                          \
      "vmladava.s8 %[s3], q0, q1\n\t"                                                                          \
      "add %[w0], %[w0], %[n]\n\t"                                                                             \
      "add %[w1], %[w1], %[n]\n\t"                                                                             \
      "add %[w2], %[w2], %[n]\n\t"                                                                             \
      "add %[w3], %[w3], %[n]\n"                                                                               \
      "4:\n\t"                                                                                                 \
      "cmp %[next], %[end]\n\t"                                                                                \
      "bne 1b"                                                                                                 \
      : [s0] "+&Te"(s0), [s1] "+&Te"(s1), [s2] "+&Te"(s2), [s3] "+&Te"(s3), [w0] "+&r"(w0), [w1] "+&r"(w1),    \
        [w2] "+&r"(w2), [w3] "+&r"(w3), [next] "+&r"(next), [x] "=&r"(x), [n] "=&r"(n)                         \
      : [end] "r"(end)                                                                                         \
      : "lr", "cc", "q0", "q1", "q2", "q3", "memory")

/* Where the next four outputs have their constants, and are. */
typedef struct {
  const int32_t *bias, *multipliers;
  const int8_t *shifts;
  int8_t *y;
} thimble_mve_places;

/* Four outputs from their sums; the places go on. */
THIMBLE_MVE_INLINE void thimble_mve_put_four(thimble_mve_places *at, int32x4_t sums, int32_t sign,
                                             int32_t zero_point) {
  int32_t a, b;
  __asm__ volatile(
      "ldrd %[a], %[b], [%[at]]\n\t"
      "vldrw.32 q1, [%[a]], #16\n\t"
      "vldrw.32 q2, [%[b]], #16\n\t"
      "strd %[a], %[b], [%[at]]\n\t"
      "ldrd %[a], %[b], [%[at], #8]\n\t"
      "vadd.i32 %q[sums], %q[sums], q1\n\t"
      "vqrdmulh.s32 %q[sums], %q[sums], q2\n\t"
      "vldrb.s32 q1, [%[a]], #4\n\t"
      "cbz %[sign], 1f\n\t"
      "vand q2, %q[sums], q1\n\t"
      "vshr.s32 q2, q2, #31\n\t"
      "vqadd.s32 %q[sums], %q[sums], q2\n"
      "1:\n\t"
      "vrshl.s32 %q[sums], %q[sums], q1\n\t"
      "vadd.i32 %q[sums], %q[sums], %[zero_point]\n\t"
      "vqmovnb.s32 %q[sums], %q[sums]\n\t"
      "vqmovnb.s16 %q[sums], %q[sums]\n\t"
      "vstrb.32 %q[sums], [%[b]], #4\n\t"
      "strd %[a], %[b], [%[at], #8]"
      : [sums] "+w"(sums), [a] "=&l"(a), [b] "=&l"(b)
      : [at] "r"(at), [sign] "l"(sign), [zero_point] "r"(zero_point)
      : "q1", "q2", "memory");
}

/* The same of any runs. */
static __attribute__((noinline)) void thimble_mve_row_long(const thimble_mve_rows *g, const thimble_mve_run *run,
                                                           const thimble_mve_run *end, int8_t *y) {
  const int8_t *w0 = g->w;
  thimble_mve_places at = {g->bias, g->multipliers, g->shifts, y};
  for (int32_t left = g->outputs;;) {
    const int32_t depth = g->depth;
    const int8_t *w1 = w0 + depth, *w2 = w1 + depth, *w3 = w2 + depth, *x;
    const thimble_mve_run *next = run;
    int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0, n;
    THIMBLE_MVE_SUM_RUNS;
    thimble_mve_put_four(&at, thimble_mve_quad(s0, s1, s2, s3), g->form != THIMBLE_MVE_RELU, g->scale->zero_point);
    left -= 4;
    if (left <= 0) return;
    w0 = w3;
    if (left < 4) {
      const int32_t back = 4 - left;
      w0 -= back * g->depth;
      at.bias -= back;
      at.multipliers -= back;
      at.shifts -= back;
      at.y -= back;
    }
  }
}

/* Any number of outputs, scaled in any way. */
static __attribute__((noinline, cold)) void thimble_mve_row_any(const thimble_mve_rows *g, const thimble_mve_run *run,
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
    vstrbq_p_s32(y + o, thimble_mve_scaled(&scale, sums), lanes);
  }
}

void thimble_mve_row_of_runs(const thimble_mve_rows *g, const thimble_mve_run *run, const thimble_mve_run *end,
                             int8_t *y) {
  if (g->form == THIMBLE_MVE_GENERAL) {
    thimble_mve_row_any(g, run, end, y);
  } else {
    thimble_mve_row_long(g, run, end, y);
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
typedef int thimble_mve_row_s8_is_empty; /* C wants something in every file */
#endif
