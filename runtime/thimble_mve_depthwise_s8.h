/* Depthwise convolutions on cores with Helium: 16 channels of a pixel at a time. */
#ifndef THIMBLE_MVE_DEPTHWISE_S8_H
#define THIMBLE_MVE_DEPTHWISE_S8_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

#include "thimble_conv.h"
#include "thimble_mve_places.h"
#include "thimble_taps.h"

/* Taps whose places are known at a time: a row of them at least. */
#define THIMBLE_MVE_TAPS THIMBLE_DEPTHWISE_LISTS_COLUMNS

/* A call. */
typedef struct {
  const thimble_depthwise_conv_2d_s8_params *p;
  int32_t channel, channel_end;
  const int8_t *x; /* of the first channel */
  thimble_taps rows, columns; /* of the present pixel */
  int32_t row, down;          /* where the first of the rows begins; from row to row */
  int32_t rows_listed;        /* filter rows at a time */
  int32_t blocks;             /* of 16 channels, which are full, and not for the general form */
  int32_t taps, rest;         /* of the filter; channels after blocks of 16 */
  int32_t eights;             /* whether after them there are up to 8 channels; likewise */
  int32_t pixel_step;         /* places go on by 16 channels, and after those by what remains to the next pixel */
} thimble_mve_depthwise;

/* Sums of 16 channels, which are in q4 to q7. Products of even and odd bytes go to lanes of their own, and once more
 * when they are widened: lane i of the four sums has channel 4 i + 0, 1, 2, 3.
 *
 * Taps at the places in a list, whose weights are w_step apart, two by two: as no weight is -128, two products fit
 * into 16 bits. A loop that keeps to the registers there are: the second tap's weights are loaded twice. */
#define THIMBLE_MVE_ADD_TAPS(load_x, load_w)            \
  "wls lr, %[pairs], 2f\n"                              \
  "1:\n\t"                                              \
  "ldrd %[a], %[b], [%[list]]\n\t"                      \
  load_x("%[a]") load_w("q1")                           \
  "vmullb.s8 q2, q0, q1\n\t"                            \
  "vmullt.s8 q3, q0, q1\n\t"                            \
  "add %[w], %[w], %[w_step]\n\t"                       \
  load_x("%[b]")                                        \
  "strd %[a], %[b], [%[list]], #8\n\t"                  \
  load_w("q1")                                          \
  "vmullb.s8 q1, q0, q1\n\t"                            \
  "vadd.i16 q2, q2, q1\n\t"                             \
  "vmovlb.s16 q1, q2\n\t"                               \
  "vadd.i32 q4, q4, q1\n\t"                             \
  "vmovlt.s16 q2, q2\n\t"                               \
  "vadd.i32 q6, q6, q2\n\t"                             \
  load_w("q1")                                          \
  "add %[w], %[w], %[w_step]\n\t"                       \
  "vmullt.s8 q0, q0, q1\n\t"                            \
  "vadd.i16 q3, q3, q0\n\t"                             \
  "vmovlb.s16 q0, q3\n\t"                               \
  "vadd.i32 q5, q5, q0\n\t"                             \
  "vmovlt.s16 q3, q3\n\t"                               \
  "vadd.i32 q7, q7, q3\n\t"                             \
  "le lr, 1b\n"                                         \
  "2:\n\t"                                              \
  "cbz %[odd], 3f\n\t"                                  \
  "ldr %[a], [%[list]]\n\t"                             \
  load_x("%[a]") load_w("q1")                           \
  "str %[a], [%[list]]\n\t"                             \
  "add %[w], %[w], %[w_step]\n\t"                       \
  "vmullb.s8 q2, q0, q1\n\t"                            \
  "vmullt.s8 q3, q0, q1\n\t"                            \
  "vmovlb.s16 q0, q2\n\t"                               \
  "vadd.i32 q4, q4, q0\n\t"                             \
  "vmovlt.s16 q2, q2\n\t"                               \
  "vadd.i32 q6, q6, q2\n\t"                             \
  "vmovlb.s16 q0, q3\n\t"                               \
  "vadd.i32 q5, q5, q0\n\t"                             \
  "vmovlt.s16 q3, q3\n\t"                               \
  "vadd.i32 q7, q7, q3\n"                               \
  "3:\n\t"
#define THIMBLE_MVE_X16(at) "vldrb.8 q0, [" at "], #16\n\t"
#define THIMBLE_MVE_W16(q) "vldrb.8 " q ", [%[w]]\n\t"
#define THIMBLE_MVE_X_PART(at) "vpst\n\tvldrbt.8 q0, [" at "]\n\tadd " at ", " at ", %[pixel_step]\n\t"
#define THIMBLE_MVE_W_PART(q) "vpst\n\tvldrbt.8 " q ", [%[w]]\n\t"

/* 16 sums as bytes in q4. A zero point more than 16 bits hold is as far outside of 8 bits as one less. */
#define THIMBLE_MVE_NARROW16             \
  "vqmovnb.s32 q4, q4\n\t"               \
  "vqmovnb.s32 q5, q5\n\t"               \
  "vqmovnt.s32 q4, q6\n\t"               \
  "vqmovnt.s32 q5, q7\n\t"               \
  "vqadd.s16 q4, q4, %[zero_point]\n\t"  \
  "vqadd.s16 q5, q5, %[zero_point]\n\t"  \
  "vqmovnb.s16 q4, q4\n\t"               \
  "vqmovnt.s16 q4, q5\n\t"

/* Any four sums of channels i, of which there are no more than up to `last`. */
THIMBLE_MVE_SMALL int32x4_t thimble_mve_scaled_fours(const thimble_depthwise_conv_2d_s8_params *p,
                                                     int32x4_t sums, uint32x4_t i,
                                                     uint32x4_t last) {
  const uint32x4_t at = vminq_u32(i, last);
  thimble_mve_scale scale;
  scale.bias = vldrwq_gather_shifted_offset_s32(p->whole_bias, at);
  scale.multiplier = vldrwq_gather_shifted_offset_s32(p->scale.multipliers, at);
  scale.shift = vldrbq_gather_offset_s32(p->scale.shifts, at);
  scale.zero_point = p->scale.zero_point;
  scale.minimum = p->scale.minimum;
  scale.maximum = p->scale.maximum;
  return thimble_mve_scaled(&scale, vaddq_s32(sums, scale.bias));
}

/* Four sums in lanes i of `sums` (q0: channels, q1: the last one). */
#define THIMBLE_MVE_FOURS(sums)                       \
  "vmin.u32 q2, q0, q1\n\t"                           \
  "vldrw.u32 q3, [%[bias], q2, uxtw #2]\n\t"          \
  "vadd.i32 " sums ", " sums ", q3\n\t"               \
  "vldrw.u32 q3, [%[multipliers], q2, uxtw #2]\n\t"   \
  "vqrdmulh.s32 " sums ", " sums ", q3\n\t"           \
  "vldrb.s32 q3, [%[shifts], q2]\n\t"                 \
  THIMBLE_MVE_SHIFTED(sums, "q3", "q2")
/* Rounded to the nearest, halves away from zero. */
#define THIMBLE_MVE_SHIFTED(sums, shifts, other)          \
  "vand " other ", " sums ", " shifts "\n\t"              \
  "vshr.s32 " other ", " other ", #31\n\t"                \
  "vqadd.s32 " sums ", " sums ", " other "\n\t"           \
  "vrshl.s32 " sums ", " sums ", " shifts "\n\t"

/* The sums of channels from `o` on as bytes, however they are scaled. */
THIMBLE_MVE_SMALL int32x4_t thimble_mve_scaled16(int32x4_t s0, int32x4_t s1, int32x4_t s2,
                                                 int32x4_t s3, const thimble_mve_depthwise *g,
                                                 int32_t o) {
  const thimble_depthwise_conv_2d_s8_params *const p = g->p;
  const uint32x4_t last = vdupq_n_u32((uint32_t)(g->channel_end - 1));
  uint32x4_t i = vidupq_n_u32((uint32_t)o, 4);
  s0 = thimble_mve_scaled_fours(p, s0, i, last);
  s1 = thimble_mve_scaled_fours(p, s1, i = vaddq_n_u32(i, 1), last);
  s2 = thimble_mve_scaled_fours(p, s2, i = vaddq_n_u32(i, 1), last);
  s3 = thimble_mve_scaled_fours(p, s3, vaddq_n_u32(i, 1), last);
  const int16x8_t even = vmovntq_s32(vreinterpretq_s16_s32(s0), s2);
  const int16x8_t odd = vmovntq_s32(vreinterpretq_s16_s32(s1), s3);
  return vreinterpretq_s32_s8(vmovntq_s16(vreinterpretq_s8_s16(even), odd));
}

/* Taps inside a map, of windows at its border: they are few. */
THIMBLE_MVE_SMALL thimble_taps thimble_mve_clip(int32_t origin, int32_t dilation, int32_t taps,
                                                int32_t extent) {
  return thimble_clip(origin, dilation, taps, extent);
}

/* Whether columns begin again before the end of memory and of a row. */
THIMBLE_MVE_INLINE int thimble_mve_folds(const thimble_depthwise_conv_2d_s8_params *p) {
  return p->input.columns != 0 && p->input.columns < p->window.input_columns;
}

/* Lists the places of the taps of `rows` filter rows from `first` on. How far the last of them in memory is from where
 * that begins again. */
THIMBLE_MVE_SMALL int32_t thimble_mve_list_taps(const thimble_mve_depthwise *g, int32_t first,
                                                int32_t rows, const int8_t **to, const int8_t *x) {
  const thimble_depthwise_conv_2d_s8_params *const p = g->p;
  const thimble_window *const m = &p->window;
  const int8_t *const outside = p->outside, *const end = x + p->input.size;
  const int32_t size = p->input.size, step = m->dilation_columns * p->input.pixel_step;
  const int32_t inside = g->columns.end - g->columns.begin, span = (inside - 1) * step;
  int32_t room = size, column = g->columns.first * p->input.pixel_step, left = rows;
  int32_t circle = 0; /* where columns fold, and not all of memory does */
  const int8_t *row = x + g->row;
  if (first < g->rows.begin) {
    const int32_t above = g->rows.begin - first < rows ? g->rows.begin - first : rows;
    to = thimble_mve_put_places(to, outside, 0, above * m->filter_columns);
    left -= above;
    first += above;
  } else if (first > g->rows.begin) {
    row += (first - g->rows.begin) * g->down % size;
  }
  rows = g->rows.end - first;
  if (inside <= 0 || rows < 0) rows = 0;
  if (rows > left) rows = left;
  left -= rows;
  if (thimble_mve_folds(p)) {
    circle = p->input.columns * p->input.pixel_step;
    column %= circle;
    if (row >= end) row -= size;
  } else {
    row += column % size;
    if (row >= end) row -= size;
    column = 0;
  }
  for (; rows > 0; --rows) {
    const int8_t *const from = row + column, *const stop = circle == 0 ? end : row + circle;
    const int32_t straight = (int32_t)(stop - from) - span;
    if (straight < room) room = straight;
    to = thimble_mve_put_row(to, from, step, straight, stop, circle == 0 ? size : circle, g->columns.begin, inside,
                             m->filter_columns - g->columns.end, outside);
    row += g->down;
    if (row >= end) row -= size;
  }
  thimble_mve_put_places(to, outside, 0, left * m->filter_columns);
  return room;
}

/* Where the next channels of a pixel have what belongs to them. */
typedef struct {
  const int32_t *bias, *multipliers;
  const int8_t *shifts;
  int8_t *y;
  const int8_t *w;
} thimble_mve_channels;

static inline thimble_mve_channels thimble_mve_channels_at(const thimble_depthwise_conv_2d_s8_params *p, int32_t o,
                                                           int8_t *y) {
  thimble_mve_channels at;
  at.bias = p->whole_bias + o;
  at.multipliers = p->scale.multipliers + o;
  at.shifts = p->scale.shifts + o;
  at.y = y;
  at.w = p->weights + o;
  return at;
}

/* Full blocks of 16 channels from `o` on; not for the general form. Every fourth value is loaded to a lane of its own
 * vector, as the sums are. VRSHL looks at the last byte of a shift alone. */
static __attribute__((noinline)) void thimble_mve_depthwise_16(const thimble_depthwise_conv_2d_s8_params *p,
                                                               const int8_t **list, int32_t taps, int32_t o,
                                                               int32_t blocks, int8_t *y) {
  const int32_t odd = taps & 1, sign = p->scale.form != THIMBLE_MVE_RELU;
  thimble_mve_channels at = thimble_mve_channels_at(p, o, y);
  for (; blocks > 0; --blocks) {
    const int8_t **next = list;
    const int8_t *w = at.w;
    uint32_t a, b;
    at.w += 16;
    __asm__ volatile(
        "ldrd %[a], %[b], %[bias]\n\t"
        "vld40.32 {q4, q5, q6, q7}, [%[a]]\n\t"
        "vld41.32 {q4, q5, q6, q7}, [%[a]]\n\t"
        "vld42.32 {q4, q5, q6, q7}, [%[a]]\n\t"
        "vld43.32 {q4, q5, q6, q7}, [%[a]]!\n\t"
        "str %[a], %[bias]\n\t"
        THIMBLE_MVE_ADD_TAPS(THIMBLE_MVE_X16, THIMBLE_MVE_W16)
        "ldrd %[a], %[b], %[multipliers]\n\t"
        "vld40.32 {q0, q1, q2, q3}, [%[a]]\n\t"
        "vld41.32 {q0, q1, q2, q3}, [%[a]]\n\t"
        "vld42.32 {q0, q1, q2, q3}, [%[a]]\n\t"
        "vld43.32 {q0, q1, q2, q3}, [%[a]]!\n\t"
        "vqrdmulh.s32 q4, q4, q0\n\t"
        "vqrdmulh.s32 q5, q5, q1\n\t"
        "vqrdmulh.s32 q6, q6, q2\n\t"
        "vqrdmulh.s32 q7, q7, q3\n\t"
        "vldrb.8 q0, [%[b]], #16\n\t"
        "strd %[a], %[b], %[multipliers]\n\t"
        "cbnz %[sign], 4f\n\t"
        "vrshl.s32 q4, q4, q0\n\t"
        "vshr.u32 q0, q0, #8\n\t"
        "vrshl.s32 q5, q5, q0\n\t"
        "vshr.u32 q0, q0, #8\n\t"
        "vrshl.s32 q6, q6, q0\n\t"
        "vshr.u32 q0, q0, #8\n\t"
        "vrshl.s32 q7, q7, q0\n\t"
        "b 5f\n"
        "4:\n\t"
        "vmovlb.s8 q1, q0\n\t"
        "vmovlt.s8 q0, q0\n\t"
        "vmovlb.s16 q2, q1\n\t" THIMBLE_MVE_SHIFTED("q4", "q2", "q3")
        "vmovlt.s16 q2, q1\n\t" THIMBLE_MVE_SHIFTED("q6", "q2", "q3")
        "vmovlb.s16 q2, q0\n\t" THIMBLE_MVE_SHIFTED("q5", "q2", "q3")
        "vmovlt.s16 q2, q0\n\t" THIMBLE_MVE_SHIFTED("q7", "q2", "q3")
        "5:\n\t" THIMBLE_MVE_NARROW16
        "ldr %[a], %[y]\n\t"
        "vstrb.8 q4, [%[a]], #16\n\t"
        "str %[a], %[y]"
        : [list] "+&r"(next), [w] "+&r"(w), [a] "=&r"(a), [b] "=&r"(b), [bias] "+m"(at.bias),
          [multipliers] "+m"(at.multipliers), [y] "+m"(at.y)
        : [w_step] "r"(p->window.output_channels), [pairs] "r"(taps >> 1), [odd] "l"(odd), [sign] "l"(sign),
          [zero_point] "r"(p->scale.zero_point)
        : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
  }
}

/* What two taps of up to 8 channels of a pixel add to its sums, one for each channel. */
#define THIMBLE_MVE_TWO_TAPS(even, odd)     \
  "vmul.i16 q2, q2, q0\n\t"                 \
  "vmul.i16 q3, q3, q1\n\t"                 \
  "vadd.i16 q2, q2, q3\n\t"                 \
  THIMBLE_MVE_ADD_8(even, odd)
#define THIMBLE_MVE_ADD_8(even, odd)        \
  "vmovlb.s16 q3, q2\n\t"                   \
  "vmovlt.s16 q2, q2\n\t"                   \
  "vadd.i32 " even ", " even ", q3\n\t"     \
  "vadd.i32 " odd ", " odd ", q2\n\t"
/* Every second channel of two pixels, from q0 on, up to q3. */
#define THIMBLE_MVE_TWO_PIXELS(sums, next)                                                          \
  "vmin.u32 q1, q0, q3\n\t"                                                                         \
  "vldrw.u32 q2, [%[bias], q1, uxtw #2]\n\t"                                                        \
  "vadd.i32 " sums ", " sums ", q2\n\t"                                                             \
  "vadd.i32 " next ", " next ", q2\n\t"                                                             \
  "vldrw.u32 q2, [%[multipliers], q1, uxtw #2]\n\t"                                                 \
  "vqrdmulh.s32 " sums ", " sums ", q2\n\t"                                                         \
  "vqrdmulh.s32 " next ", " next ", q2\n\t"                                                         \
  "vldrb.s32 q2, [%[shifts], q1]\n\t" THIMBLE_MVE_SHIFTED(sums, "q2", "q1")                         \
  THIMBLE_MVE_SHIFTED(next, "q2", "q1")

/* Up to 8 channels from `o` on, in lanes of 16 bits, of `count` pixels, two by two; not for the general form. The places
 * go on. */
static __attribute__((noinline)) void thimble_mve_depthwise_8(const thimble_depthwise_conv_2d_s8_params *p,
                                                              const int8_t **list, int32_t taps, int32_t pixel_step,
                                                              int32_t o, int32_t channels, int32_t count, int8_t *y) {
  for (; count > 0; count -= 2, y += 2 * p->output.pixel_step) {
    const int32_t two = count > 1;
    register int32x4_t s0 __asm__("q4") = vdupq_n_s32(0);
    register int32x4_t s1 __asm__("q5") = s0;
    register int32x4_t s2 __asm__("q6") = s0;
    register int32x4_t s3 __asm__("q7") = s0;
    {
      const int8_t *w = p->weights + o;
      const int8_t **next = list;
      int32_t a = channels, b;
      /* Nothing else here knows of the vector predicate. */
      __asm__ volatile(
          "vctp.16 %[a]\n\t"
          "lsr lr, %[taps], #1\n\t"
          "wls lr, lr, 3f\n"
          "1:\n\t"
          "ldrd %[a], %[b], [%[next]]\n\t"
          "vpst\n\t"
          "vldrbt.s16 q0, [%[w]]\n\t"
          "add %[w], %[w], %[w_step]\n\t"
          "vpsttt\n\t"
          "vldrbt.s16 q1, [%[w]]\n\t"
          "vldrbt.s16 q2, [%[a]]\n\t"
          "vldrbt.s16 q3, [%[b]]\n\t"
          "add %[w], %[w], %[w_step]\n\t"
          "add %[a], %[a], %[pixel_step]\n\t"
          "add %[b], %[b], %[pixel_step]\n\t" THIMBLE_MVE_TWO_TAPS("q4", "q5")
          "cbz %[two], 2f\n\t"
          "vpstt\n\t"
          "vldrbt.s16 q2, [%[a]]\n\t"
          "vldrbt.s16 q3, [%[b]]\n\t"
          "add %[a], %[a], %[pixel_step]\n\t"
          "add %[b], %[b], %[pixel_step]\n\t" THIMBLE_MVE_TWO_TAPS("q6", "q7")
          "2:\n\t"
          "strd %[a], %[b], [%[next]], #8\n\t"
          "le lr, 1b\n"
          "3:\n\t"
          "tst %[taps], #1\n\t"
          "beq 5f\n\t"
          "ldr %[a], [%[next]]\n\t"
          "vpstt\n\t"
          "vldrbt.s16 q0, [%[w]]\n\t"
          "vldrbt.s16 q2, [%[a]]\n\t"
          "add %[a], %[a], %[pixel_step]\n\t"
          "vmul.i16 q2, q2, q0\n\t" THIMBLE_MVE_ADD_8("q4", "q5")
          "cbz %[two], 4f\n\t"
          "vpst\n\t"
          "vldrbt.s16 q2, [%[a]]\n\t"
          "add %[a], %[a], %[pixel_step]\n\t"
          "vmul.i16 q2, q2, q0\n\t" THIMBLE_MVE_ADD_8("q6", "q7")
          "4:\n\t"
          "str %[a], [%[next]]\n"
          "5:"
          : [s0] "+w"(s0), [s1] "+w"(s1), [s2] "+w"(s2), [s3] "+w"(s3), [next] "+&r"(next), [w] "+&l"(w),
            [a] "+&l"(a), [b] "=&l"(b)
          : [w_step] "r"(p->window.output_channels), [taps] "r"(taps), [two] "l"(two), [pixel_step] "r"(pixel_step)
          : "lr", "cc", "q0", "q1", "q2", "q3", "memory");
    }
    {
      uint32_t first = (uint32_t)o;
      /* Of one pixel alone the second is written where the first is after it. */
      int8_t *const second = two ? y + p->output.pixel_step : y;
      __asm__ volatile(
          "vidup.u32 q0, %[o], #2\n\t"
          "vdup.32 q3, %[last]\n\t" THIMBLE_MVE_TWO_PIXELS("q4", "q6")
          "vadd.i32 q0, q0, %[one]\n\t" THIMBLE_MVE_TWO_PIXELS("q5", "q7")
          "vqmovnb.s32 q4, q4\n\t"
          "vqmovnt.s32 q4, q5\n\t"
          "vqmovnb.s32 q6, q6\n\t"
          "vqmovnt.s32 q6, q7\n\t"
          "vqadd.s16 q4, q4, %[zero_point]\n\t"
          "vqadd.s16 q6, q6, %[zero_point]\n\t"
          "vqmovnb.s16 q4, q4\n\t"
          "vqmovnb.s16 q6, q6\n\t"
          "vctp.16 %[channels]\n\t"
          "vpstt\n\t"
          "vstrbt.16 q6, [%[second]]\n\t"
          "vstrbt.16 q4, [%[y]]"
          : [s0] "+w"(s0), [s1] "+w"(s1), [s2] "+w"(s2), [s3] "+w"(s3), [o] "+&Te"(first)
          : [last] "r"(o + channels - 1), [one] "r"(1), [bias] "r"(p->whole_bias),
            [multipliers] "r"(p->scale.multipliers), [shifts] "r"(p->scale.shifts),
            [zero_point] "r"(p->scale.zero_point), [channels] "r"(channels), [y] "l"(y), [second] "l"(second)
          : "q0", "q1", "q2", "q3", "memory");
    }
  }
}

/* Up to 16 channels from `o` on, however they are scaled, by `rows_listed` filter rows at a time. */
THIMBLE_MVE_SMALL void thimble_mve_depthwise_less(const thimble_mve_depthwise *g, const int8_t **list,
                                                  int32_t rows_listed, int32_t pixel_step, int32_t o,
                                                  int8_t *y) {
  const thimble_depthwise_conv_2d_s8_params *const p = g->p;
  const int32_t rows = p->window.filter_rows, here = g->channel_end - o;
  const int8_t *w = p->weights + o;
  const mve_pred16_t lanes = vctp8q((uint32_t)here);
  register int32x4_t s0 __asm__("q4") = vdupq_n_s32(0);
  register int32x4_t s1 __asm__("q5") = s0;
  register int32x4_t s2 __asm__("q6") = s0;
  register int32x4_t s3 __asm__("q7") = s0;
  if (here >= 16) pixel_step = 16;
  for (int32_t first = 0; first < rows; first += rows_listed) {
    const int32_t listed = rows - first < rows_listed ? rows - first : rows_listed;
    const int32_t taps = listed * p->window.filter_columns;
    const int8_t **next = list;
    uint32_t a, b, kept;
    if (rows_listed < rows) thimble_mve_list_taps(g, first, listed, list, g->x + (o - g->channel));
    /* The vector predicate cannot be said to be changed. */
    __asm__ volatile("vmrs %0, p0" : "=r"(kept));
    __asm__ volatile("vmsr p0, %[lanes]\n\t" THIMBLE_MVE_ADD_TAPS(THIMBLE_MVE_X_PART, THIMBLE_MVE_W_PART)
                     : [s0] "+w"(s0), [s1] "+w"(s1), [s2] "+w"(s2), [s3] "+w"(s3), [list] "+&r"(next),
                       [w] "+&r"(w), [a] "=&r"(a), [b] "=&r"(b)
                     : [w_step] "r"(p->window.output_channels), [pairs] "r"(taps >> 1), [odd] "l"(taps & 1),
                       [lanes] "r"(lanes), [pixel_step] "r"(pixel_step)
                     : "lr", "q0", "q1", "q2", "q3", "memory");
    __asm__ volatile("vmsr p0, %0" : : "r"(kept));
  }
  if (p->scale.form == THIMBLE_MVE_GENERAL) {
    s0 = thimble_mve_scaled16(s0, s1, s2, s3, g, o);
  } else {
    uint32_t i = (uint32_t)o;
    __asm__ volatile(
        "vidup.u32 q0, %[o], #4\n\t"
        "vdup.32 q1, %[last]\n\t" THIMBLE_MVE_FOURS("q4")
        "vadd.i32 q0, q0, %[one]\n\t" THIMBLE_MVE_FOURS("q5")
        "vadd.i32 q0, q0, %[one]\n\t" THIMBLE_MVE_FOURS("q6")
        "vadd.i32 q0, q0, %[one]\n\t" THIMBLE_MVE_FOURS("q7") THIMBLE_MVE_NARROW16
        : [s0] "+w"(s0), [s1] "+w"(s1), [s2] "+w"(s2), [s3] "+w"(s3), [o] "+&Te"(i)
        : [last] "r"(g->channel_end - 1), [one] "r"(1), [bias] "r"(p->whole_bias),
          [multipliers] "r"(p->scale.multipliers), [shifts] "r"(p->scale.shifts),
          [zero_point] "r"(p->scale.zero_point)
        : "q0", "q1", "q2", "q3", "memory");
  }
  vstrbq_p_s8(y, vreinterpretq_s8_s32(s0), lanes);
}

/* `count` pixels whose places are listed, unless these are only listed for a few filter rows at a time. */
THIMBLE_MVE_INLINE void thimble_mve_depthwise_listed(const thimble_mve_depthwise *g, const int8_t **list, int8_t *y,
                                                     int32_t count) {
  const thimble_depthwise_conv_2d_s8_params *const p = g->p;
  const int32_t taps = g->taps;
  if (g->eights && g->blocks == 0) {
    thimble_mve_depthwise_8(p, list, taps, g->pixel_step, g->channel, g->rest, count, y);
    return;
  }
  for (;;) {
    int32_t o = g->blocks << 4;
    if (o > 0) thimble_mve_depthwise_16(p, list, taps, g->channel, g->blocks, y);
    if (g->eights) {
      thimble_mve_depthwise_8(p, list, taps, g->pixel_step, g->channel + o, g->rest, 1, y + o);
    } else {
      for (; o < g->channel_end - g->channel; o += 16) {
        thimble_mve_depthwise_less(g, list, g->rows_listed, g->pixel_step, g->channel + o, y + o);
      }
    }
    if (--count == 0) return;
    y += p->output.pixel_step;
    if (g->rest == 0 && g->pixel_step != 0) thimble_mve_move_places(list, taps, g->pixel_step);
  }
}

/* Up to `most` pixels whose windows lie within the map, or one pixel. Those made. */
THIMBLE_MVE_SMALL int32_t thimble_mve_depthwise_pixels(const thimble_mve_depthwise *g, thimble_line *line,
                                                       int8_t *output, int32_t most) {
  const thimble_depthwise_conv_2d_s8_params *const p = g->p;
  const int32_t rows = p->window.filter_rows, size = p->input.size;
  const int32_t step = p->window.stride_columns * p->input.pixel_step;
  const int8_t *list[THIMBLE_MVE_TAPS];
  int32_t left = most, room = 0;
  if (g->rows_listed == rows) {
    room = thimble_mve_list_taps(g, 0, rows, list, g->x);
  } else {
    left = most = 1;
  }
  for (;;) {
    int32_t count = left;
    if (left > 1) {
      const int32_t straight = (line->end - line->at) / line->step;
      if (straight < count) count = straight;
      /* In a whole row nothing begins again. */
      if (p->input.columns < p->window.input_columns) {
        const int32_t stored = room > 0 ? (room - 1) / step + 1 : 1;
        if (stored < count) count = stored;
      }
    }
    thimble_mve_depthwise_listed(g, list, output + line->at, count);
    line->at += count * line->step;
    if (line->at >= line->end) line->at -= line->circle;
    left -= count;
    if (left == 0 || thimble_mve_folds(p)) return most - left;
    room = thimble_mve_move_circular(list, g->taps, g->rest == 0 ? g->pixel_step : 0, g->x + size, size);
  }
}

/* Depthwise convolutions that thimble_depthwise_conv_2d_lists_s8 takes. */
static inline void thimble_mve_depthwise_conv_2d_s8(const thimble_depthwise_conv_2d_s8_params *p,
                                                    const thimble_tile *tile, const int8_t *input,
                                                    int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t channels = tile->channel_end - tile->channel, form = p->scale.form;
  thimble_mve_depthwise g;
  g.p = p;
  g.channel = tile->channel;
  g.channel_end = tile->channel_end;
  g.down = m->dilation_rows * p->input.row_step % p->input.size;
  g.rows_listed = m->filter_rows;
  g.taps = m->filter_rows * m->filter_columns;
  g.rest = channels & 15;
  if (g.taps > THIMBLE_MVE_TAPS) g.rows_listed = THIMBLE_MVE_TAPS / m->filter_columns;
  g.blocks = g.eights = 0;
  if (g.rows_listed == m->filter_rows && form != THIMBLE_MVE_GENERAL) {
    g.blocks = channels >> 4;
    g.eights = (uint32_t)g.rest - 1 < 8;
  }
  g.pixel_step = m->stride_columns * p->input.pixel_step - (channels & ~15);
  g.x = input + tile->channel % p->input.pixel_step;
  output += tile->channel % p->output.pixel_step;
  /* None of these loops is for nothing, and most are run through once. */
  for (int32_t images = m->batches;; g.x += p->input.size, output += p->output.size) {
    int32_t r = tile->row;
    do {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      const int32_t top = r * m->stride_rows - m->padding_top;
      int32_t c = tile->column;
      g.rows.begin = 0;
      g.rows.end = m->filter_rows;
      g.rows.first = top;
      if (top < 0 || top + (m->filter_rows - 1) * m->dilation_rows >= m->input_rows) {
        g.rows = thimble_mve_clip(top, m->dilation_rows, m->filter_rows, m->input_rows);
      }
      g.row = g.rows.first * p->input.row_step % p->input.size;
      do {
        const int32_t origin = c * m->stride_columns - m->padding_left;
        const int32_t after = m->input_columns - 1 - origin - (m->filter_columns - 1) * m->dilation_columns;
        int32_t count = tile->column_end - c;
        g.columns.begin = 0;
        g.columns.end = m->filter_columns;
        g.columns.first = origin;
        if (origin < 0 || after < 0) {
          g.columns = thimble_mve_clip(origin, m->dilation_columns, m->filter_columns, m->input_columns);
        }
        /* Places of zero points stay where they are from pixel to pixel. */
        if (origin < 0 || after < 0 || g.rows.end - g.rows.begin < m->filter_rows) {
          count = 1;
        } else if (count > 1) {
          const int32_t whole = after / m->stride_columns + 1;
          if (whole < count) count = whole;
        }
        c += thimble_mve_depthwise_pixels(&g, &line, output, count);
      } while (c < tile->column_end);
    } while (++r < tile->row_end);
    if (--images == 0) return;
  }
}

#endif

#endif
