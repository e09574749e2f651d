/* Depthwise convolutions on cores with Helium: 16 channels of a pixel at a time. */
#ifndef THIMBLE_MVE_DEPTHWISE_S8_H
#define THIMBLE_MVE_DEPTHWISE_S8_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

#include "thimble_conv.h"
#include "thimble_taps.h"

/* Taps whose places are known at a time. */
#define THIMBLE_MVE_TAPS 16

/* A call. */
typedef struct {
  const thimble_depthwise_conv_2d_s8_params *p;
  int32_t channel, channel_end;
  const int8_t *x; /* of the first channel */
  thimble_taps rows, columns; /* of the present pixel */
} thimble_mve_depthwise;

/* Sums of 16 channels. Products of even and odd bytes go to lanes of their own, and once more when they are
 * widened: lane i of the four sums has channel 4 i + 0, 1, 2, 3. They are variables of their own, s0 to s3, and what
 * is done with them macros: of a struct a compiler makes memory.
 *
 * Taps at the places in a list, whose weights are w_step apart, two by two: as no weight is -128, two products fit
 * into 16 bits. A loop that keeps to the registers there are: the second tap's weights are loaded twice. */
#define THIMBLE_MVE_ADD_TAPS(load_x, load_w, before, after, lanes_at, step_at) \
  __asm__ volatile(before "wls lr, %[pairs], 2f\n"                                                             \
          "1:\n\t"                                                                                             \
          "ldrd %[a], %[b], [%[list]]\n\t" load_x("%[a]") load_w("q1")                                         \
          "vmullb.s8 q2, q0, q1\n\t"                                                                           \
          "vmullt.s8 q3, q0, q1\n\t"                                                                           \
          "add %[w], %[w], %[w_step]\n\t" load_x("%[b]")                                                       \
          "strd %[a], %[b], [%[list]], #8\n\t" load_w("q1")                                                    \
          "vmullb.s8 q1, q0, q1\n\t"                                                                           \
          "vadd.i16 q2, q2, q1\n\t"                                                                            \
          "vmovlb.s16 q1, q2\n\t"                                                                              \
          "vadd.i32 %q[s0], %q[s0], q1\n\t"                                                                    \
          "vmovlt.s16 q2, q2\n\t"                                                                              \
          "vadd.i32 %q[s2], %q[s2], q2\n\t" load_w("q1")                                                       \
          "add %[w], %[w], %[w_step]\n\t"                                                                      \
          "vmullt.s8 q0, q0, q1\n\t"                                                                           \
          "vadd.i16 q3, q3, q0\n\t"                                                                            \
          "vmovlb.s16 q0, q3\n\t"                                                                              \
          "vadd.i32 %q[s1], %q[s1], q0\n\t"                                                                    \
          "vmovlt.s16 q3, q3\n\t"                                                                              \
          "vadd.i32 %q[s3], %q[s3], q3\n\t"                                                                    \
          "le lr, 1b\n"                                                                                        \
          "2:\n\t"                                                                                             \
          "cbz %[odd], 3f\n\t"                                                                                 \
          "ldr %[a], [%[list]]\n\t" load_x("%[a]") load_w("q1")                                                \
          "str %[a], [%[list]]\n\t"                                                                            \
          "add %[w], %[w], %[w_step]\n\t"                                                                      \
          "vmullb.s8 q2, q0, q1\n\t"                                                                           \
          "vmullt.s8 q3, q0, q1\n\t"                                                                           \
          "vmovlb.s16 q0, q2\n\t"                                                                              \
          "vadd.i32 %q[s0], %q[s0], q0\n\t"                                                                    \
          "vmovlt.s16 q2, q2\n\t"                                                                              \
          "vadd.i32 %q[s2], %q[s2], q2\n\t"                                                                    \
          "vmovlb.s16 q0, q3\n\t"                                                                              \
          "vadd.i32 %q[s1], %q[s1], q0\n\t"                                                                    \
          "vmovlt.s16 q3, q3\n\t"                                                                              \
          "vadd.i32 %q[s3], %q[s3], q3\n"                                                                      \
          "3:\n\t" after                                                                                       \
          : [s0] "+w"(s0), [s1] "+w"(s1), [s2] "+w"(s2), [s3] "+w"(s3),                \
            [list] "+&r"(next), [w] "+&r"(w), [a] "=&r"(a), [b] "=&r"(b)                                       \
          : [w_step] "r"(p->window.output_channels), [pairs] "r"(taps >> 1), [odd] "l"(taps & 1), [lanes] lanes_at, \
            [pixel_step] step_at                                                                               \
          : "lr", "q0", "q1", "q2", "q3", "memory")
#define THIMBLE_MVE_X16(at) "vldrb.8 q0, [" at "], #16\n\t"
#define THIMBLE_MVE_W16(q) "vldrb.8 " q ", [%[w]]\n\t"
#define THIMBLE_MVE_X_PART(at) "vpst\n\tvldrbt.8 q0, [" at "]\n\tadd " at ", " at ", %[pixel_step]\n\t"
#define THIMBLE_MVE_W_PART(q) "vpst\n\tvldrbt.8 " q ", [%[w]]\n\t"

/* Any four sums of channels i, of which there are no more than up to `last`. */
THIMBLE_MVE_INLINE int32x4_t thimble_mve_scaled_fours(const thimble_depthwise_conv_2d_s8_params *p, int32x4_t sums,
                                                      uint32x4_t i, uint32x4_t last) {
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
#define THIMBLE_MVE_FOURS(sums, sign)                 \
  "vmin.u32 q2, q0, q1\n\t"                           \
  "vldrw.u32 q3, [%[bias], q2, uxtw #2]\n\t"          \
  "vadd.i32 " sums ", " sums ", q3\n\t"               \
  "vldrw.u32 q3, [%[multipliers], q2, uxtw #2]\n\t"   \
  "vqrdmulh.s32 " sums ", " sums ", q3\n\t"           \
  "vldrb.s32 q3, [%[shifts], q2]\n\t" sign(sums)      \
  "vrshl.s32 " sums ", " sums ", q3\n\t"
#define THIMBLE_MVE_NO_SIGN(sums)
#define THIMBLE_MVE_SIGN(sums) \
  "vand q2, " sums ", q3\n\t"  \
  "vshr.s32 q2, q2, #31\n\t"   \
  "vqadd.s32 " sums ", " sums ", q2\n\t"
/* All 16. A zero point more than 16 bits hold is as far outside of 8 bits as one less. */
#define THIMBLE_MVE_SCALE16(sign)                                                                              \
  __asm__("vidup.u32 q0, %[o], #4\n\t"                                                                         \
          "vdup.32 q1, %[last]\n\t" THIMBLE_MVE_FOURS("%q[s0]", sign)                                          \
          "vadd.i32 q0, q0, %[one]\n\t" THIMBLE_MVE_FOURS("%q[s1]", sign)                                      \
          "vadd.i32 q0, q0, %[one]\n\t" THIMBLE_MVE_FOURS("%q[s2]", sign)                                      \
          "vadd.i32 q0, q0, %[one]\n\t" THIMBLE_MVE_FOURS("%q[s3]", sign)                                      \
          "vqmovnb.s32 %q[s0], %q[s0]\n\t"                                                                     \
          "vqmovnb.s32 %q[s1], %q[s1]\n\t"                                                                     \
          "vqmovnt.s32 %q[s0], %q[s2]\n\t"                                                                     \
          "vqmovnt.s32 %q[s1], %q[s3]\n\t"                                                                     \
          "vqadd.s16 %q[s0], %q[s0], %[zero_point]\n\t"                                                        \
          "vqadd.s16 %q[s1], %q[s1], %[zero_point]\n\t"                                                        \
          "vqmovnb.s16 %q[s0], %q[s0]\n\t"                                                                     \
          "vqmovnt.s16 %q[s0], %q[s1]"                                                                         \
          : [s0] "+w"(s0), [s1] "+w"(s1), [s2] "+w"(s2), [s3] "+w"(s3), [o] "+&Te"(o)      \
          : [last] "r"(last), [one] "r"(1), [bias] "r"(p->whole_bias),                                         \
            [multipliers] "r"(p->scale.multipliers), [shifts] "r"(p->scale.shifts),                            \
            [zero_point] "r"(p->scale.zero_point)                                                              \
          : "q0", "q1", "q2", "q3", "memory")

/* The sums of channels from `o` on as bytes, however they are scaled. */
static __attribute__((noinline, cold)) int32x4_t thimble_mve_scaled16(int32x4_t s0, int32x4_t s1, int32x4_t s2,
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

/* Lists the places of the taps of `rows` filter rows from `first` on. How many pixels from this one on, at most
 * `most`, have theirs as far from these as from each other. */
static __attribute__((noinline)) int32_t thimble_mve_list_taps(const thimble_mve_depthwise *g, int32_t first,
                                                               int32_t rows, const int8_t *x, int32_t most,
                                                               const int8_t **to) {
  const thimble_depthwise_conv_2d_s8_params *const p = g->p;
  const thimble_window *const m = &p->window;
  const int32_t filter_columns = m->filter_columns, size = p->input.size, fifo = p->input.columns == 0;
  const thimble_taps columns = g->columns;
  const int32_t circle = thimble_circle(&p->input);
  const int32_t step = m->dilation_columns * p->input.pixel_step % circle;
  const int32_t column = (fifo ? columns.first : columns.first % p->input.columns) * p->input.pixel_step;
  int32_t row = g->rows.first + (first > g->rows.begin ? first - g->rows.begin : 0) * m->dilation_rows;
  int32_t room = most == 1 ? 0 : size; /* of the row that folds first */
  for (int32_t i = first; i < first + rows; ++i) {
    const int8_t *const outside = p->outside;
    int32_t j = 0;
    if (g->rows.begin <= i && i < g->rows.end) {
      const int32_t at = fifo ? (row * p->input.row_step + column) % size : row * p->input.row_step % size + column;
      const int8_t *next = x + at;
      const int8_t *const end = next + (fifo ? size - at : circle - column);
      if (end - next < room) room = (int32_t)(end - next);
      if (columns.end - columns.begin == filter_columns && next + (filter_columns - 1) * step < end) {
        for (int32_t k = filter_columns; k > 0; --k, next += step) *to++ = next;
        row += m->dilation_rows;
        continue;
      }
      for (; j < columns.begin; ++j) *to++ = outside;
      for (; j < columns.end; ++j) {
        *to++ = next;
        next += step;
        if (next >= end) next -= circle;
      }
      row += m->dilation_rows;
    } else {
      room = 0;
    }
    for (; j < filter_columns; ++j) *to++ = outside;
  }
  if (room == 0 || columns.end - columns.begin < filter_columns) return 1;
  {
    const int32_t span = (filter_columns - 1) * m->dilation_columns;
    const int32_t straight = room - span * p->input.pixel_step;
    const int32_t inside = (m->input_columns - 1 - columns.first - span) / m->stride_columns + 1;
    if (inside < most) most = inside;
    if (straight <= 0) return 1;
    const int32_t stored = (straight - 1) / (m->stride_columns * p->input.pixel_step) + 1;
    return stored < most ? stored : most;
  }
}

/* All full blocks of 16 channels from `o` on; not for the general form. The channels after them. */
static __attribute__((noinline)) int32_t thimble_mve_depthwise_16(const thimble_depthwise_conv_2d_s8_params *p,
                                                                  const int8_t **list, int32_t taps, int32_t o,
                                                                  int32_t channel_end, int8_t *y) {
  do {
    const int8_t *w = p->weights + o;
    const int8_t **next = list;
    int32x4_t s0 = vdupq_n_s32(0), s1 = s0, s2 = s0, s3 = s0;
    uint32_t a, b;
    THIMBLE_MVE_ADD_TAPS(THIMBLE_MVE_X16, THIMBLE_MVE_W16, "", "", "i"(0), "i"(0));
    const int32_t last = o + 15;
    if (p->scale.form == THIMBLE_MVE_RELU) {
      THIMBLE_MVE_SCALE16(THIMBLE_MVE_NO_SIGN);
    } else {
      THIMBLE_MVE_SCALE16(THIMBLE_MVE_SIGN);
    }
    vstrbq_s8(y, vreinterpretq_s8_s32(s0));
    y += 16;
  } while (o + 16 <= channel_end);
  return o;
}

/* Up to 8 channels from `o` on, in lanes of 16 bits; not for the general form. The places go on to the next pixel. */
static __attribute__((noinline)) void thimble_mve_depthwise_8(const thimble_depthwise_conv_2d_s8_params *p,
                                                              const int8_t **next, int32_t taps, int32_t pixel_step,
                                                              int32_t o, int32_t channels, int8_t *y) {
  const int8_t *w = p->weights + o;
  const int32_t w_step = p->window.output_channels;
  const int8_t *a, *b, *w2;
  int32x4_t s0 = vdupq_n_s32(0), s1 = s0;
  /* Nothing else here knows of the vector predicate. */
  __asm__ volatile(
      "vctp.16 %[channels]\n\t"
      "wls lr, %[pairs], 2f\n"
      "1:\n\t"
      "ldrd %[a], %[b], [%[next]]\n\t"
      "add %[w2], %[w], %[w_step]\n\t"
      "vpstttt\n\t"
      "vldrbt.s16 q0, [%[a]]\n\t"
      "vldrbt.s16 q1, [%[w]]\n\t"
      "vldrbt.s16 q2, [%[b]]\n\t"
      "vldrbt.s16 q3, [%[w2]]\n\t"
      "add %[w], %[w2], %[w_step]\n\t"
      "add %[a], %[a], %[pixel_step]\n\t"
      "add %[b], %[b], %[pixel_step]\n\t"
      "strd %[a], %[b], [%[next]], #8\n\t"
      "vmul.i16 q0, q0, q1\n\t"
      "vmul.i16 q2, q2, q3\n\t"
      "vadd.i16 q0, q0, q2\n\t"
      "vmovlb.s16 q1, q0\n\t"
      "vmovlt.s16 q0, q0\n\t"
      "vadd.i32 %q[s0], %q[s0], q1\n\t"
      "vadd.i32 %q[s1], %q[s1], q0\n\t"
      "le lr, 1b\n"
      "2:\n\t"
      "tst %[taps], #1\n\t"
      "beq 3f\n\t"
      "ldr %[a], [%[next]]\n\t"
      "vpstt\n\t"
      "vldrbt.s16 q0, [%[a]]\n\t"
      "vldrbt.s16 q1, [%[w]]\n\t"
      "add %[a], %[a], %[pixel_step]\n\t"
      "str %[a], [%[next]]\n\t"
      "vmul.i16 q0, q0, q1\n\t"
      "vmovlb.s16 q1, q0\n\t"
      "vmovlt.s16 q0, q0\n\t"
      "vadd.i32 %q[s0], %q[s0], q1\n\t"
      "vadd.i32 %q[s1], %q[s1], q0\n"
      "3:"
      : [s0] "+w"(s0), [s1] "+w"(s1), [next] "+&r"(next), [w] "+&l"(w), [a] "=&l"(a), [b] "=&l"(b), [w2] "=&l"(w2)
      : [w_step] "r"(w_step), [pairs] "r"(taps >> 1), [taps] "r"(taps), [pixel_step] "r"(pixel_step),
        [channels] "r"(channels)
      : "lr", "cc", "q0", "q1", "q2", "q3", "memory");
  uint32_t first = (uint32_t)o;
  __asm__ volatile(
      "vidup.u32 q0, %[o], #2\n\t"
      "vdup.32 q1, %[last]\n\t" THIMBLE_MVE_FOURS("%q[s0]", THIMBLE_MVE_SIGN)
      "vadd.i32 q0, q0, %[one]\n\t" THIMBLE_MVE_FOURS("%q[s1]", THIMBLE_MVE_SIGN)
      "vqmovnb.s32 %q[s0], %q[s0]\n\t"
      "vqmovnt.s32 %q[s0], %q[s1]\n\t"
      "vqadd.s16 %q[s0], %q[s0], %[zero_point]\n\t"
      "vqmovnb.s16 %q[s0], %q[s0]\n\t"
      "vctp.16 %[channels]\n\t"
      "vpst\n\t"
      "vstrbt.16 %q[s0], [%[y]]"
      : [s0] "+w"(s0), [s1] "+w"(s1), [o] "+&Te"(first)
      : [last] "r"(o + channels - 1), [one] "r"(1), [bias] "r"(p->whole_bias),
        [multipliers] "r"(p->scale.multipliers), [shifts] "r"(p->scale.shifts),
        [zero_point] "r"(p->scale.zero_point), [channels] "r"(channels), [y] "l"(y)
      : "q0", "q1", "q2", "q3", "memory");
}

/* Up to 16 channels from `o` on, however they are scaled, by `rows_listed` filter rows at a time. */
static __attribute__((noinline)) void thimble_mve_depthwise_less(const thimble_mve_depthwise *g, const int8_t **list,
                                                                 int32_t rows_listed, int32_t pixel_step, int32_t o,
                                                                 int8_t *y) {
  const thimble_depthwise_conv_2d_s8_params *const p = g->p;
  const int32_t rows = p->window.filter_rows, here = g->channel_end - o;
  const int8_t *w = p->weights + o;
  const mve_pred16_t lanes = vctp8q((uint32_t)here);
  int32x4_t s0 = vdupq_n_s32(0), s1 = s0, s2 = s0, s3 = s0;
  if (here >= 16) pixel_step = 16;
  for (int32_t first = 0; first < rows; first += rows_listed) {
    const int32_t listed = rows - first < rows_listed ? rows - first : rows_listed;
    const int32_t taps = listed * p->window.filter_columns;
    const int8_t **next = list;
    uint32_t a, b, kept;
    if (rows_listed < rows) thimble_mve_list_taps(g, first, listed, g->x + (o - g->channel), 1, list);
    /* The vector predicate cannot be said to be changed. */
    __asm__ volatile("vmrs %0, p0" : "=r"(kept));
    THIMBLE_MVE_ADD_TAPS(THIMBLE_MVE_X_PART, THIMBLE_MVE_W_PART, "vmsr p0, %[lanes]\n\t", "", "r"(lanes),
                         "r"(pixel_step));
    __asm__ volatile("vmsr p0, %0" : : "r"(kept));
  }
  if (p->scale.form == THIMBLE_MVE_GENERAL) {
    s0 = thimble_mve_scaled16(s0, s1, s2, s3, g, o);
  } else {
    const int32_t last = g->channel_end - 1;
    THIMBLE_MVE_SCALE16(THIMBLE_MVE_SIGN);
  }
  vstrbq_p_s8(y, vreinterpretq_s8_s32(s0), lanes);
}

/* At most `count` pixels: one, or several whose windows lie within the map and do not fold otherwise than the first.
 * Those made. */
static __attribute__((noinline)) int32_t thimble_mve_depthwise_pixels(const thimble_mve_depthwise *g, int8_t *y,
                                                                      int32_t count) {
  const thimble_depthwise_conv_2d_s8_params *const p = g->p;
  const int32_t columns = p->window.filter_columns, rows = p->window.filter_rows;
  const int32_t channels = g->channel_end - g->channel;
  const int32_t rows_listed = rows * columns <= THIMBLE_MVE_TAPS ? rows : THIMBLE_MVE_TAPS / columns;
  /* Places go on by 16 channels, and after those by what remains to the next pixel. */
  const int32_t by_16 = rows_listed == rows && p->scale.form != THIMBLE_MVE_GENERAL;
  const int32_t pixel_step = p->window.stride_columns * p->input.pixel_step - (channels & ~15);
  const int8_t *list[THIMBLE_MVE_TAPS];
  count = rows_listed == rows ? thimble_mve_list_taps(g, 0, rows, g->x, count, list) : 1;
  for (int32_t left = count;; y += p->output.pixel_step) {
    for (int32_t o = g->channel; o < g->channel_end;) {
      const int32_t here = g->channel_end - o;
      if (by_16 && here >= 16) {
        o = thimble_mve_depthwise_16(p, list, rows * columns, o, g->channel_end, y + o);
        continue;
      }
      if (by_16 && here <= 8) {
        thimble_mve_depthwise_8(p, list, rows * columns, pixel_step, o, here, y + o);
        break;
      }
      thimble_mve_depthwise_less(g, list, rows_listed, pixel_step, o, y + o);
      o += 16;
    }
    if (--left == 0) return count;
    if ((channels & 15) == 0 && pixel_step != 0) {
      for (int32_t i = 0; i < rows * columns; ++i) list[i] += pixel_step;
    }
  }
}

/* Any weights: one output channel after the other. */
static __attribute__((noinline, cold)) void thimble_mve_depthwise_any(const thimble_mve_depthwise *g,
                                                                int32_t row, int32_t column, int8_t *y) {
  const thimble_depthwise_conv_2d_s8_params *const p = g->p;
  thimble_folded taps = thimble_folded_begin(&p->window, &p->input);
  const int8_t *x = g->x;
  int32_t rest = p->multiplier - g->channel % p->multiplier;
  thimble_folded_row(&taps, &p->window, &p->input, row, column);
  for (int32_t o = g->channel; o < g->channel_end; ++o) {
    int32_t sum = p->bias[o];
    THIMBLE_FOR_TAPS(&taps, &p->window, at, tap, {
      const int32_t product = (x[at] + p->input_offset) * p->weights[tap * p->window.output_channels + o];
      sum = thimble_add_wrapping(sum, product);
    });
    y[o] = (int8_t)thimble_scaled(&p->scale, o, sum);
    if (--rest > 0) continue;
    rest = p->multiplier;
    ++x;
  }
}

static inline void thimble_mve_depthwise_conv_2d_s8(const thimble_depthwise_conv_2d_s8_params *p,
                                                    const thimble_tile *tile, const int8_t *input,
                                                    int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  const int32_t first_input = tile->channel / p->multiplier % p->input.pixel_step;
  const int by_16 = p->whole_bias != 0 && p->multiplier == 1 && p->scale.channel_step == 1 &&
                    m->filter_columns <= THIMBLE_MVE_TAPS;
  thimble_mve_depthwise g;
  g.p = p;
  g.channel = tile->channel;
  g.channel_end = tile->channel_end;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    g.x = input + first_input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      g.rows =
          thimble_clip(r * m->stride_rows - m->padding_top, m->dilation_rows, m->filter_rows, m->input_rows);
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;) {
        int8_t *const y = output + line.at + first_channel;
        g.columns = thimble_clip(c * m->stride_columns - m->padding_left, m->dilation_columns,
                                 m->filter_columns, m->input_columns);
        int32_t count = tile->column_end - c;
        if (by_16) {
          if (count > 1) {
            const int32_t straight = (line.end - line.at) / line.step;
            if (straight < count) count = straight;
          }
          count = thimble_mve_depthwise_pixels(&g, y, count);
        } else {
          count = 1;
          thimble_mve_depthwise_any(&g, r, c, y);
        }
        c += count;
        line.at += count * line.step;
        if (line.at >= line.end) line.at -= line.circle;
      }
    }
  }
}

#endif

#endif
