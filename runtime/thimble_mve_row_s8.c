#include "thimble_mve_row_s8.h"

#ifdef THIMBLE_MVE

__attribute__((cold)) void thimble_mve_set_rows(thimble_mve_rows *g, const thimble_scale *scale, const int32_t *bias,
                                                const int8_t *weights, int32_t depth, int32_t output,
                                                int32_t output_end) {
  const int32_t outputs = output_end - output;
  g->w = weights + output * depth;
  g->bias = bias + output;
  g->multipliers = scale->multipliers + output * scale->channel_step;
  g->shifts = scale->shifts + output * scale->channel_step;
  g->depth = depth;
  g->fours = outputs >> 2;
  g->back = -(-outputs & 3);
  g->none = 0;
  g->sign = scale->form - THIMBLE_MVE_RELU;
  g->zero_point = scale->zero_point;
  g->general = scale->channel_step == 0 || outputs < 4 || scale->form == THIMBLE_MVE_GENERAL;
  g->scale = scale;
  g->run = 0;
}

/* The outputs of a row, fours of them, whose values stay in registers: `values` loads them, `dots` multiplies them with
 * four rows of weights. All of it is written out: it takes all registers that there are. `next` begins as the place of
 * the row. The last outputs may be made twice, to make four of them. */
#define THIMBLE_MVE_ROW_OF(values, dots)                                                                             \
  __asm__ volatile("ldrd %[depth], %[s0], [%[g], #16]\n\t" values                                                    \
                   "ldrd %[sign], %[s1], [%[g], #32]\n\t"                                                            \
                   "ldrd %[w], %[bias], [%[g]]\n\t"                                                                  \
                   "ldrd %[multipliers], %[shifts], [%[g], #8]\n\t"                                                  \
                   "vdup.32 q7, %[s1]\n"                                                                             \
                   "1:\n\t"                                                                                          \
                   "dls lr, %[s0]\n"                                                                                 \
                   "2:\n\t" dots                                                                                     \
                   "vmov d8, %[s0], %[s1]\n\t"                                                                       \
                   "vmov d9, %[s2], %[s3]\n\t"                                                                       \
                   "vldrw.32 q5, [%[bias]], #16\n\t"                                                                 \
                   "vadd.i32 q4, q4, q5\n\t"                                                                         \
                   "vldrw.32 q5, [%[multipliers]], #16\n\t"                                                          \
                   "vqrdmulh.s32 q4, q4, q5\n\t"                                                                     \
                   "vldrb.s32 q5, [%[shifts]], #4\n\t"                                                               \
                   "cbz %[sign], 3f\n\t"                                                                             \
                   "vand q6, q4, q5\n\t"                                                                             \
                   "vshr.s32 q6, q6, #31\n\t"                                                                        \
                   "vqadd.s32 q4, q4, q6\n"                                                                          \
                   "3:\n\t"                                                                                          \
                   "vrshl.s32 q4, q4, q5\n\t"                                                                        \
                   "vadd.i32 q4, q4, q7\n\t"                                                                         \
                   "vqmovnb.s32 q4, q4\n\t"                                                                          \
                   "vqmovnb.s16 q4, q4\n\t"                                                                          \
                   "vstrb.32 q4, [%[y]], #4\n\t"                                                                     \
                   "le lr, 2b\n\t"                                                                                   \
                   "ldr %[s0], [%[g], #24]\n\t"                                                                      \
                   "cmp %[s0], #0\n\t"                                                                               \
                   "beq 4f\n\t"                                                                                      \
                   "add %[g], %[g], #4\n\t"                                                                          \
                   "mla %[w], %[s0], %[depth], %[w]\n\t"                                                             \
                   "add %[bias], %[bias], %[s0], lsl #2\n\t"                                                         \
                   "add %[multipliers], %[multipliers], %[s0], lsl #2\n\t"                                           \
                   "add %[shifts], %[shifts], %[s0]\n\t"                                                             \
                   "add %[y], %[y], %[s0]\n\t"                                                                       \
                   "mov %[s0], #1\n\t"                                                                               \
                   "b 1b\n"                                                                                          \
                   "4:"                                                                                              \
                   : [g] "+&r"(next), [bias] "+&r"(row), [y] "+&l"(to), [w] "=&r"(w), [multipliers] "=&r"(a),        \
                     [shifts] "=&l"(b), [depth] "=&r"(c), [sign] "=&l"(d), [s0] "=&Te"(s0), [s1] "=&Te"(s1),         \
                     [s2] "=&Te"(s2), [s3] "=&Te"(s3)                                                                \
                   :                                                                                                 \
                   : "lr", "cc", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory")
/* The last 16 values are in q3; less of them after others are those that are left, or zero. */
#define THIMBLE_MVE_VALUES(count, others)  \
  others                                   \
  "rsb %[s1], %[depth], #" #count "\n\t"   \
  "vctp.8 %[s1]\n\t"                       \
  "add %[bias], %[bias], %[depth]\n\t"     \
  "vpnot\n\t"                              \
  "vpst\n\t"                               \
  "vldrbt.8 q3, [%[bias], #-16]\n\t"
#define THIMBLE_MVE_VALUES_16 "vctp.8 %[depth]\n\tvpst\n\tvldrbt.8 q3, [%[bias]]\n\t"
#define THIMBLE_MVE_VALUES_32 THIMBLE_MVE_VALUES(32, "vldrb.8 q0, [%[bias]]\n\t")
#define THIMBLE_MVE_VALUES_48 \
  THIMBLE_MVE_VALUES(48, "vldrb.8 q0, [%[bias]]\n\tvldrb.8 q1, [%[bias], #16]\n\t")
#define THIMBLE_MVE_VALUES_64 \
  THIMBLE_MVE_VALUES(64, "vldrb.8 q0, [%[bias]]\n\tvldrb.8 q1, [%[bias], #16]\n\tvldrb.8 q2, [%[bias], #32]\n\t")
/* One output: `dots` is for what is before the last 16 values, which may count some of those again, times zero. */
#define THIMBLE_MVE_ONE(s, dots) \
  dots(s) "add %[w], %[w], %[depth]\n\t" "vldrb.8 q5, [%[w], #-16]\n\t" "vmladava.s8 %[" s "], q3, q5\n\t"
#define THIMBLE_MVE_EACH(dots) \
  THIMBLE_MVE_ONE("s0", dots) THIMBLE_MVE_ONE("s1", dots) THIMBLE_MVE_ONE("s2", dots) THIMBLE_MVE_ONE("s3", dots)
#define THIMBLE_MVE_32(s) "vldrb.8 q5, [%[w]]\n\tvmladav.s8 %[" s "], q0, q5\n\t"
#define THIMBLE_MVE_48(s) THIMBLE_MVE_32(s) "vldrb.8 q6, [%[w], #16]\n\tvmladava.s8 %[" s "], q1, q6\n\t"
#define THIMBLE_MVE_64(s) THIMBLE_MVE_48(s) "vldrb.8 q5, [%[w], #32]\n\tvmladava.s8 %[" s "], q2, q5\n\t"
/* Four outputs of 16 values or less. */
#define THIMBLE_MVE_16               \
  "add %[s1], %[w], %[depth]\n\t"    \
  "add %[s2], %[s1], %[depth]\n\t"   \
  "add %[s3], %[s2], %[depth]\n\t"   \
  "vpstttt\n\t"                      \
  "vldrbt.8 q0, [%[w]]\n\t"          \
  "vldrbt.8 q1, [%[s1]]\n\t"         \
  "vldrbt.8 q2, [%[s2]]\n\t"         \
  "vldrbt.8 q4, [%[s3]]\n\t"         \
  "add %[w], %[s3], %[depth]\n\t"    \
  "vmladav.s8 %[s0], q3, q0\n\t"     \
  "vmladav.s8 %[s1], q3, q1\n\t"     \
  "vmladav.s8 %[s2], q3, q2\n\t"     \
  "vmladav.s8 %[s3], q3, q4\n\t"

/* Copies a row together; where it is. */
static __attribute__((noinline)) const int8_t *thimble_mve_copied(const thimble_mve_copies *c, const int8_t *from) {
  int8_t *place = c->to;
  int32_t count = c->count;
  do {
    const int8_t *x = from;
    int8_t *to = place;
    /* Nothing else here knows of the vector predicate. */
    __asm__ volatile(
        "vctp.8 %[count]\n\t"
        "wls lr, %[rows], 2f\n"
        "1:\n\t"
        "vpstt\n\t"
        "vldrbt.8 q0, [%[x]]\n\t"
        "vstrbt.8 q0, [%[to]]\n\t"
        "add %[x], %[x], %[down]\n\t"
        "add %[to], %[to], %[length]\n\t"
        "cmp %[x], %[end]\n\t"
        "it cs\n\t"
        "subcs %[x], %[x], %[size]\n\t"
        "le lr, 1b\n"
        "2:"
        : [x] "+&r"(x), [to] "+&r"(to)
        : [rows] "r"(c->rows), [count] "r"(count), [end] "r"(c->end), [size] "r"(c->size), [down] "r"(c->down),
          [length] "r"(c->length)
        : "lr", "cc", "q0", "memory");
    count -= 16;
    from += 16;
    place += 16;
  } while (count > 0);
  return c->patch;
}

/* Rows of at most so many values. */
#define THIMBLE_MVE_ROWS(values)                                                                          \
  static __attribute__((noinline)) void thimble_mve_rows_##values(const thimble_mve_rows *g,              \
                                                                  const thimble_mve_places *at) {         \
    const int8_t *x = at->x;                                                                              \
    int8_t *y = at->y;                                                                                    \
    for (int32_t left = at->count; left > 0; --left, x += at->x_step, y += at->y_step) {                  \
      const int8_t *row = at->copies == 0 ? x : thimble_mve_copied(at->copies, x);                        \
      const thimble_mve_rows *next = g;                                                                   \
      int8_t *to = y;                                                                                     \
      int32_t w, a, b, c, d, s0, s1, s2, s3;                                                              \
      THIMBLE_MVE_ROW_OF(THIMBLE_MVE_VALUES_##values, THIMBLE_MVE_DOTS_##values);                         \
    }                                                                                                     \
  }
#define THIMBLE_MVE_DOTS_16 THIMBLE_MVE_16
#define THIMBLE_MVE_DOTS_32 THIMBLE_MVE_EACH(THIMBLE_MVE_32)
#define THIMBLE_MVE_DOTS_48 THIMBLE_MVE_EACH(THIMBLE_MVE_48)
#define THIMBLE_MVE_DOTS_64 THIMBLE_MVE_EACH(THIMBLE_MVE_64)
THIMBLE_MVE_ROWS(16)
THIMBLE_MVE_ROWS(32)
THIMBLE_MVE_ROWS(48)
THIMBLE_MVE_ROWS(64)

/* What the loop over fours of outputs keeps in memory, since there are not so many registers. Assembler knows where:
 * neighbours are loaded in pairs. */
typedef struct {
  int32_t depth;
  const thimble_mve_run *run;
  const int32_t *bias;
  int32_t of_48;
  const int32_t *multipliers;
  const int8_t *shifts;
  int8_t *y, *y_end;
  const thimble_mve_run *end;
} thimble_mve_fours;

/* Whether the last run is done. clang does without one of the registers that GCC can do with. */
#ifdef __clang__
#define THIMBLE_MVE_END
#define THIMBLE_MVE_AT_END "ldr %[x], [%[at], #32]\n\tcmp %[next], %[x]\n\t"
#else
#define THIMBLE_MVE_END [end] "r"(end),
#define THIMBLE_MVE_AT_END "cmp %[next], %[end]\n\t"
#endif

/* 16 values times the weights of four outputs. */
#define THIMBLE_MVE_DOT(w, s) "vldrb.8 q1, [%[" w "]], #16\n\tvmladava.s8 %[" s "], q0, q1\n\t"
#define THIMBLE_MVE_DOT4 \
  "vldrb.8 q0, [%[x]], #16\n\t" THIMBLE_MVE_DOT("w0", "s0") THIMBLE_MVE_DOT("w1", "s1") THIMBLE_MVE_DOT("w2", "s2") \
  THIMBLE_MVE_DOT("w3", "s3")

/* Any number of outputs, scaled in any way. */
THIMBLE_MVE_SMALL void thimble_mve_row_any(const thimble_mve_rows *g, const thimble_mve_run *run,
                                           const thimble_mve_run *end, int8_t *y) {
  const int8_t *w = g->w;
  const int32_t outputs = 4 * g->fours + (g->back & 3);
  for (int32_t o = 0; o < outputs; o += 4, w += 4 * g->depth) {
    const int32_t first = o * g->scale->channel_step;
    const mve_pred16_t lanes = vctp32q((uint32_t)(outputs - o));
    thimble_mve_dot4 dot = thimble_mve_dot4_at(w, g->depth, outputs - o);
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
                             int8_t *y, int32_t of_48) {
  if (g->general) {
    thimble_mve_row_any(g, run, end, y);
    return;
  }
  const int32x4_t zero_point = vdupq_n_s32(g->zero_point);
  const int8_t *w0 = g->w;
  int32_t back = g->back;
  thimble_mve_fours at;
  at.depth = g->depth;
  at.run = run;
  at.bias = g->bias;
  at.of_48 = of_48;
  at.multipliers = g->multipliers;
  at.shifts = g->shifts;
  at.y = y;
  at.y_end = y + 4 * g->fours;
  at.end = end;
  for (;;) {
    const int8_t *w1, *w2, *w3, *x;
    const thimble_mve_run *next;
    int32_t s0, s1, s2, s3, n;
    __asm__ volatile(
        "1:\n\t"
        "ldrd %[n], %[next], [%[at]]\n\t"
        "ldrd %[x], lr, [%[at], #8]\n\t"
        "add %[w1], %[w0], %[n]\n\t"
        "add %[w2], %[w1], %[n]\n\t"
        "add %[w3], %[w2], %[n]\n\t"
        "ldrd %[s0], %[s1], [%[x]], #8\n\t"
        "ldrd %[s2], %[s3], [%[x]], #8\n\t"
        "str %[x], [%[at], #8]\n\t"
        "wls lr, lr, 4f\n"
        "2:\n\t"
        "ldr %[x], [%[next]], #8\n\t" THIMBLE_MVE_DOT4 THIMBLE_MVE_DOT4 THIMBLE_MVE_DOT4
        "le lr, 2b\n"
        "3:\n\t"
        "mov %[w0], %[w3]\n\t"
        "ldrd %[x], %[n], [%[at], #16]\n\t"
        "vmov d0, %[s0], %[s1]\n\t"
        "vmov d1, %[s2], %[s3]\n\t"
        "vldrw.32 q1, [%[x]], #16\n\t"
        "vqrdmulh.s32 q0, q0, q1\n\t"
        "vldrb.s32 q1, [%[n]], #4\n\t"
        "strd %[x], %[n], [%[at], #16]\n\t"
        "vand q2, q0, q1\n\t"
        "vshr.s32 q2, q2, #31\n\t"
        "vqadd.s32 q0, q0, q2\n\t"
        "vrshl.s32 q0, q0, q1\n\t"
        "ldrd %[n], %[x], [%[at], #24]\n\t"
        "vadd.i32 q0, q0, %q[zero_point]\n\t"
        "vqmovnb.s32 q0, q0\n\t"
        "vqmovnb.s16 q0, q0\n\t"
        "vstrb.32 q0, [%[n]], #4\n\t"
        "str %[n], [%[at], #24]\n\t"
        "cmp %[n], %[x]\n\t"
        "bne 1b\n\t"
        "b 8f\n"
        "4:\n\t"
        "ldrd %[x], %[n], [%[next]], #8\n\t"
        "lsr lr, %[n], #4\n\t"
        "wls lr, lr, 6f\n"
        "5:\n\t" THIMBLE_MVE_DOT4
        "le lr, 5b\n"
        "6:\n\t"
        "ands %[n], %[n], #15\n\t"
        "beq 7f\n\t"
        "vctp.8 %[n]\n\t"
        "vpsttt\n\t"
        "vldrbt.8 q0, [%[x]]\n\t"
        "vldrbt.8 q1, [%[w0]]\n\t"
        "vldrbt.8 q2, [%[w1]]\n\t"
        "vmladava.s8 %[s0], q0, q1\n\t"
        "vmladava.s8 %[s1], q0, q2\n\t"
        "vpstt\n\t"
        "vldrbt.8 q1, [%[w2]]\n\t"
        "vldrbt.8 q2, [%[w3]]\n\t"
        "add %[w0], %[w0], %[n]\n\t"
        "vmladava.s8 %[s2], q0, q1\n\t"
        "vmladava.s8 %[s3], q0, q2\n\t"
        "add %[w1], %[w1], %[n]\n\t"
        "add %[w2], %[w2], %[n]\n\t"
        "add %[w3], %[w3], %[n]\n"
        "7:\n\t"
        THIMBLE_MVE_AT_END
        "bne 4b\n\t"
        "b 3b\n"
        "8:"
        : [s0] "=&Te"(s0), [s1] "=&Te"(s1), [s2] "=&Te"(s2), [s3] "=&Te"(s3), [w0] "+&r"(w0), [w1] "=&r"(w1),
          [w2] "=&r"(w2), [w3] "=&r"(w3), [next] "=&r"(next), [x] "=&l"(x), [n] "=&l"(n)
        : [at] "r"(&at), THIMBLE_MVE_END[zero_point] "w"(zero_point)
        : "lr", "cc", "q0", "q1", "q2", "memory");
    if (back == 0) return;
    w0 += back * g->depth;
    at.bias += back;
    at.multipliers += back;
    at.shifts += back;
    at.y += back;
    at.y_end = at.y + 4;
    back = 0;
  }
}

void thimble_mve_row(const thimble_mve_rows *g, const thimble_mve_places *at) {
  if (g->depth > 64 || g->general) {
    const int8_t *x = at->x;
    int8_t *y = at->y;
    for (int32_t left = at->count; left > 0; --left, x += at->x_step, y += at->y_step) {
      thimble_mve_run run;
      run.x = at->copies == 0 ? x : thimble_mve_copied(at->copies, x);
      run.count = g->depth;
      thimble_mve_row_of_runs(g, &run, &run + 1, y, 0);
    }
  } else if (g->depth <= 16) {
    thimble_mve_rows_16(g, at);
  } else if (g->depth <= 32) {
    thimble_mve_rows_32(g, at);
  } else if (g->depth <= 48) {
    thimble_mve_rows_48(g, at);
  } else {
    thimble_mve_rows_64(g, at);
  }
}

#else
typedef int thimble_mve_row_s8_is_empty; /* C wants something in every file */
#endif
