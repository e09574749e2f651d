/* Depthwise convolutions on cores with Helium: 16 channels of a pixel at a time. */
#ifndef THIMBLE_MVE_DEPTHWISE_S8_H
#define THIMBLE_MVE_DEPTHWISE_S8_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

#include "thimble_conv.h"
#include "thimble_mve_window.h"

/* A call. */
typedef struct {
  const thimble_depthwise_conv_2d_s8_params *p;
  int32_t channel, channel_end, form;
  const int8_t *x; /* of the first channel */
} thimble_mve_depthwise;

/* Sums of 16 channels. Products of even and odd bytes go to lanes of their own, and once more when they are
 * widened: lane i of the four has channel 4 i + 0, 1, 2, 3. */
typedef struct {
  int32x4_t sum0, sum1, sum2, sum3;
} thimble_mve_sum16;

/* The bytes that `lanes` has, or all: then `full` is set. */
THIMBLE_MVE_INLINE int8x16_t thimble_mve_bytes(const int8_t *at, mve_pred16_t lanes, int full) {
  return full ? vldrbq_s8(at) : vldrbq_z_s8(at, lanes);
}

THIMBLE_MVE_INLINE void thimble_mve_widen(thimble_mve_sum16 *s, int16x8_t even, int16x8_t odd) {
  s->sum0 = vaddq_s32(s->sum0, vmovlbq_s16(even));
  s->sum1 = vaddq_s32(s->sum1, vmovlbq_s16(odd));
  s->sum2 = vaddq_s32(s->sum2, vmovltq_s16(even));
  s->sum3 = vaddq_s32(s->sum3, vmovltq_s16(odd));
}

THIMBLE_MVE_INLINE void thimble_mve_add_tap(thimble_mve_sum16 *s, int8x16_t x, int8x16_t w) {
  thimble_mve_widen(s, vmullbq_int_s8(x, w), vmulltq_int_s8(x, w));
}

/* `count` taps that are x_step and w_step elements apart, two by two: as no weight is -128, two products fit
 * into 16 bits. A loop that keeps to the registers there are: the second tap's weights are loaded twice. */
#define THIMBLE_MVE_TAPS(load, before, after) \
  __asm__(before "wls lr, %[pairs], 2f\n"                                                                 \
          "1:\n\t" load("q0", "x") load("q1", "w")                                                        \
          "add %[x], %[x], %[x_step]\n\t"                                                                 \
          "add %[w], %[w], %[w_step]\n\t"                                                                 \
          "vmullb.s8 q2, q0, q1\n\t"                                                                      \
          "vmullt.s8 q3, q0, q1\n\t" load("q0", "x") load("q1", "w")                                      \
          "vmullb.s8 q1, q0, q1\n\t"                                                                      \
          "vadd.i16 q2, q2, q1\n\t"                                                                       \
          "vmovlb.s16 q1, q2\n\t"                                                                         \
          "vadd.i32 %q[s0], %q[s0], q1\n\t"                                                               \
          "vmovlt.s16 q2, q2\n\t"                                                                         \
          "vadd.i32 %q[s2], %q[s2], q2\n\t" load("q1", "w")                                               \
          "vmullt.s8 q0, q0, q1\n\t"                                                                      \
          "vadd.i16 q3, q3, q0\n\t"                                                                       \
          "vmovlb.s16 q0, q3\n\t"                                                                         \
          "vadd.i32 %q[s1], %q[s1], q0\n\t"                                                               \
          "vmovlt.s16 q3, q3\n\t"                                                                         \
          "vadd.i32 %q[s3], %q[s3], q3\n\t"                                                               \
          "add %[x], %[x], %[x_step]\n\t"                                                                 \
          "add %[w], %[w], %[w_step]\n\t"                                                                 \
          "le lr, 1b\n"                                                                                   \
          "2:\n\t"                                                                                        \
          "cbz %[odd], 3f\n\t" load("q0", "x") load("q1", "w")                                            \
          "vmullb.s8 q2, q0, q1\n\t"                                                                      \
          "vmullt.s8 q3, q0, q1\n\t"                                                                      \
          "vmovlb.s16 q0, q2\n\t"                                                                         \
          "vadd.i32 %q[s0], %q[s0], q0\n\t"                                                               \
          "vmovlt.s16 q2, q2\n\t"                                                                         \
          "vadd.i32 %q[s2], %q[s2], q2\n\t"                                                               \
          "vmovlb.s16 q0, q3\n\t"                                                                         \
          "vadd.i32 %q[s1], %q[s1], q0\n\t"                                                               \
          "vmovlt.s16 q3, q3\n\t"                                                                         \
          "vadd.i32 %q[s3], %q[s3], q3\n\t"                                                               \
          "add %[x], %[x], %[x_step]\n\t"                                                                 \
          "add %[w], %[w], %[w_step]\n"                                                                   \
          "3:\n\t" after                                                                                  \
          : [s0] "+w"(s->sum0), [s1] "+w"(s->sum1), [s2] "+w"(s->sum2), [s3] "+w"(s->sum3), [x] "+r"(x),  \
            [w] "+r"(w), [kept] "=&r"(kept)                                                               \
          : [x_step] "r"(x_step), [w_step] "r"(w_step), [pairs] "r"(count >> 1), [odd] "l"(count & 1),    \
            [lanes] "r"(lanes)                                                                            \
          : "lr", "q0", "q1", "q2", "q3", "memory")
#define THIMBLE_MVE_LOAD(q, at) "vldrb.8 " q ", [%[" at "]]\n\t"
#define THIMBLE_MVE_LOAD_LANES(q, at) "vpst\n\tvldrbt.8 " q ", [%[" at "]]\n\t"

/* The place of the next weight. */
THIMBLE_MVE_INLINE const int8_t *thimble_mve_add_taps(thimble_mve_sum16 *s, const int8_t *x, int32_t x_step,
                                                      const int8_t *w, int32_t w_step, int32_t count,
                                                      mve_pred16_t lanes, int full) {
  uint32_t kept; /* the vector predicate, which cannot be said to be changed */
  if (full) {
    THIMBLE_MVE_TAPS(THIMBLE_MVE_LOAD, "", "");
  } else {
    THIMBLE_MVE_TAPS(THIMBLE_MVE_LOAD_LANES, "vmrs %[kept], p0\n\tvmsr p0, %[lanes]\n\t", "vmsr p0, %[kept]");
  }
  return w;
}

/* Channels `channel` + i of the scales. */
THIMBLE_MVE_INLINE thimble_mve_scale thimble_mve_scale_fours(const thimble_scale *scale, int32_t channel,
                                                             uint32x4_t i) {
  thimble_mve_scale at;
  at.multiplier = vldrwq_gather_shifted_offset_s32(scale->multipliers + channel, i);
  at.bias = at.shift = vldrbq_gather_offset_s32(scale->shifts + channel, i);
  at.zero_point = scale->zero_point;
  at.minimum = scale->minimum;
  at.maximum = scale->maximum;
  return at;
}

/* Four vectors of scaled sums as bytes, clamped to all of int8_t. */
THIMBLE_MVE_INLINE int8x16_t thimble_mve_pack(int32x4_t s0, int32x4_t s1, int32x4_t s2, int32x4_t s3) {
  int16x8_t even = vqmovnbq_s32(vreinterpretq_s16_s32(s0), s0);
  int16x8_t odd = vqmovnbq_s32(vreinterpretq_s16_s32(s1), s1);
  even = vqmovntq_s32(even, s2);
  odd = vqmovntq_s32(odd, s3);
  return vqmovntq_s16(vqmovnbq_s16(vreinterpretq_s8_s16(even), even), odd);
}

THIMBLE_MVE_INLINE int8x16_t thimble_mve_scaled16(const thimble_mve_depthwise *g, const thimble_mve_sum16 *s,
                                                  int32_t o, uint32x4_t i, int form) {
  thimble_mve_scale at = thimble_mve_scale_fours(&g->p->scale, o, i);
  const int32x4_t s0 = thimble_mve_scaled(&at, s->sum0, form);
  at = thimble_mve_scale_fours(&g->p->scale, o + 1, i);
  const int32x4_t s1 = thimble_mve_scaled(&at, s->sum1, form);
  at = thimble_mve_scale_fours(&g->p->scale, o + 2, i);
  const int32x4_t s2 = thimble_mve_scaled(&at, s->sum2, form);
  at = thimble_mve_scale_fours(&g->p->scale, o + 3, i);
  return thimble_mve_pack(s0, s1, s2, thimble_mve_scaled(&at, s->sum3, form));
}

/* Taps outside the map, which are the zero point. */
THIMBLE_MVE_INLINE void thimble_mve_add_outside(thimble_mve_sum16 *s, const thimble_mve_depthwise *g,
                                                const thimble_folded *taps, const int8_t *w,
                                                mve_pred16_t lanes, int full) {
  const thimble_window *const m = &g->p->window;
  int8_t outside[16];
  vstrbq_s8(outside, vdupq_n_s8((int8_t)-g->p->input_offset));
  for (int32_t r = 0; r < m->filter_rows; ++r) {
    /* Taps before those that are inside, and after, or all at once. */
    const int inside = taps->rows.begin <= r && r < taps->rows.end;
    const int32_t after = inside ? taps->columns.end : 0;
    if (inside) thimble_mve_add_taps(s, outside, 0, w, m->output_channels, taps->columns.begin, lanes, full);
    thimble_mve_add_taps(s, outside, 0, w + after * m->output_channels, m->output_channels,
                         m->filter_columns - after, lanes, full);
    w += m->filter_columns * m->output_channels;
  }
}

/* `count` pixels: one, or several whose windows lie within the map and fold between their rows only. Channels
 * by 16, of which the last may be done twice, or less than 16: 4, 8 or 12, which `full` says. */
THIMBLE_MVE_INLINE void thimble_mve_depthwise_pixels(const thimble_mve_depthwise *g,
                                                     const thimble_folded *taps, int8_t *y, int32_t y_step,
                                                     int32_t count, int full) {
  const thimble_window *const m = &g->p->window;
  const int32_t w_step = m->output_channels;
  const int upright = m->filter_columns == 1; /* then what is said of columns is true of rows */
  const int ring = upright || g->p->input.columns == 0;
  const int32_t tap_step = upright ? taps->row_step : taps->column_step;
  const int32_t circle = upright ? taps->size : taps->circle;
  const int32_t inside_rows = taps->rows.end - taps->rows.begin;
  const int32_t inside_columns = taps->columns.end - taps->columns.begin;
  const int32_t rows = upright ? inside_columns : inside_rows;
  const int32_t columns = upright ? inside_rows : inside_columns;
  const int32_t length = (columns - 1) * tap_step;
  const int whole = inside_rows == m->filter_rows && inside_columns == m->filter_columns;
  for (int32_t o = g->channel; o < g->channel_end; o += 16) {
    if (full && o > g->channel_end - 16) o = g->channel_end - 16;
    const uint32_t last = full ? 12 : (uint32_t)(g->channel_end - o - 4);
    const uint32x4_t i = vminq_u32(vidupq_n_u32(0, 4), vdupq_n_u32(last));
    const mve_pred16_t lanes = vctp8q((uint32_t)(g->channel_end - o));
    const int32_t *const bias = g->p->whole_bias + o;
    const int8_t *x = g->x + (o - g->channel);
    int8_t *to = y + o;
    for (int32_t n = count; n > 0; --n, x += taps->pixel_step, to += y_step) {
      const int8_t *w = g->p->weights + o;
      int32_t row = thimble_wrap(taps->row + taps->column, taps->size);
      thimble_mve_sum16 s;
      s.sum0 = vldrwq_gather_shifted_offset_s32(bias, i);
      s.sum1 = vldrwq_gather_shifted_offset_s32(bias + 1, i);
      s.sum2 = vldrwq_gather_shifted_offset_s32(bias + 2, i);
      s.sum3 = vldrwq_gather_shifted_offset_s32(bias + 3, i);
      if (!whole) {
        thimble_mve_add_outside(&s, g, taps, w, lanes, full);
        w += (taps->rows.begin * m->filter_columns + taps->columns.begin) * w_step;
      }
      for (int32_t r = rows; r > 0; --r) {
        const int32_t room = ring ? taps->size - row : circle - taps->column;
        if (length < room) {
          w = thimble_mve_add_taps(&s, x + row, tap_step, w, w_step, columns, lanes, full);
        } else {
          const int32_t straight = (room + tap_step - 1) / tap_step;
          w = thimble_mve_add_taps(&s, x + row, tap_step, w, w_step, straight, lanes, full);
          w = thimble_mve_add_taps(&s, x + row + straight * tap_step - circle, tap_step, w, w_step,
                                   columns - straight, lanes, full);
        }
        row = thimble_wrap(row + taps->row_step, taps->size);
        w += (m->filter_columns - inside_columns) * w_step;
      }
      int8x16_t bytes;
      if (g->form == THIMBLE_MVE_RELU) {
        bytes = thimble_mve_scaled16(g, &s, o, i, THIMBLE_MVE_RELU);
      } else {
        bytes = thimble_mve_scaled16(g, &s, o, i, THIMBLE_MVE_GENERAL);
      }
      if (full) {
        vstrbq_s8(to, bytes);
      } else {
        vstrbq_p_s8(to, bytes, lanes);
      }
    }
  }
}

static __attribute__((noinline)) void thimble_mve_depthwise_16(const thimble_mve_depthwise *g,
                                                               const thimble_folded *taps, int8_t *y,
                                                               int32_t y_step, int32_t count) {
  thimble_mve_depthwise_pixels(g, taps, y, y_step, count, 1);
}

static __attribute__((noinline)) void thimble_mve_depthwise_less(const thimble_mve_depthwise *g,
                                                                 const thimble_folded *taps, int8_t *y,
                                                                 int32_t y_step, int32_t count) {
  thimble_mve_depthwise_pixels(g, taps, y, y_step, count, 0);
}

/* Which lanes i of four have channels `channel` + i. */
THIMBLE_MVE_INLINE mve_pred16_t thimble_mve_fours(uint32x4_t i, int32_t channels) {
  return vcmpltq_n_s32(vreinterpretq_s32_u32(i), channels);
}

THIMBLE_MVE_INLINE int32x4_t thimble_mve_part_fours(const thimble_mve_depthwise *g, int32x4_t sums, int32_t o,
                                                    uint32x4_t i) {
  const thimble_scale *const scale = &g->p->scale;
  const mve_pred16_t lanes = thimble_mve_fours(i, g->channel_end - o);
  const uint32x4_t step = vmulq_n_u32(i, (uint32_t)scale->channel_step);
  const int32_t first = o * scale->channel_step;
  thimble_mve_scale at;
  at.multiplier = vldrwq_gather_shifted_offset_z_s32(scale->multipliers + first, step, lanes);
  at.shift = vldrbq_gather_offset_z_s32(scale->shifts + first, step, lanes);
  at.bias = vldrwq_gather_shifted_offset_z_s32(g->p->whole_bias + o, i, lanes);
  at.zero_point = scale->zero_point;
  at.minimum = scale->minimum;
  at.maximum = scale->maximum;
  return thimble_mve_scaled(&at, vaddq_s32(sums, at.bias), THIMBLE_MVE_GENERAL);
}

/* Any window and any number of channels: taps outside the map are the zero point. */
static __attribute__((noinline)) void thimble_mve_depthwise_part(const thimble_mve_depthwise *g,
                                                                 const thimble_folded *taps, int8_t *y) {
  const thimble_window *const m = &g->p->window;
  const int32_t multiplier = g->p->multiplier, w_step = m->output_channels;
  const int8x16_t outside = vdupq_n_s8((int8_t)-g->p->input_offset);
  for (int32_t o = g->channel; o < g->channel_end; o += 16) {
    const mve_pred16_t lanes = vctp8q((uint32_t)(g->channel_end - o));
    const uint32x4_t i = vidupq_n_u32(0, 4);
    const int32x4_t zero = vdupq_n_s32(0);
    thimble_mve_sum16 s = {zero, zero, zero, zero};
    const int8_t *w = g->p->weights + o;
    const int8_t *x = g->x + (o - g->channel);
    uint8x16_t channels = vidupq_n_u8(0, 1);
    int32_t row = taps->row;
    if (multiplier > 1) {
      uint8_t of[16];
      const int32_t before = g->channel / multiplier;
      x = g->x + o / multiplier - before;
      for (int32_t k = 0; k < 16; ++k) of[k] = (uint8_t)((o + k) / multiplier - o / multiplier);
      channels = vldrbq_u8(of);
    }
    for (int32_t r = 0; r < m->filter_rows; ++r) {
      const int inside = taps->rows.begin <= r && r < taps->rows.end;
      int32_t column = taps->column;
      for (int32_t j = 0; j < m->filter_columns; ++j, w += w_step) {
        int8x16_t xs = outside;
        if (inside && taps->columns.begin <= j && j < taps->columns.end) {
          xs = vldrbq_gather_offset_z_s8(x + thimble_wrap(row + column, taps->size), channels, lanes);
          column = thimble_wrap(column + taps->column_step, taps->circle);
        }
        thimble_mve_add_tap(&s, xs, vldrbq_z_s8(w, lanes));
      }
      if (inside) row = thimble_wrap(row + taps->row_step, taps->size);
    }
    s.sum0 = thimble_mve_part_fours(g, s.sum0, o, i);
    s.sum1 = thimble_mve_part_fours(g, s.sum1, o + 1, i);
    s.sum2 = thimble_mve_part_fours(g, s.sum2, o + 2, i);
    s.sum3 = thimble_mve_part_fours(g, s.sum3, o + 3, i);
    vstrbq_p_s8(y + o, thimble_mve_pack(s.sum0, s.sum1, s.sum2, s.sum3), lanes);
  }
}

/* Any weights: one output channel after the other. */
static __attribute__((noinline)) void thimble_mve_depthwise_any(const thimble_mve_depthwise *g,
                                                                const thimble_folded *taps, int8_t *y) {
  const thimble_depthwise_conv_2d_s8_params *const p = g->p;
  const int8_t *x = g->x;
  int32_t rest = p->multiplier - g->channel % p->multiplier;
  for (int32_t o = g->channel; o < g->channel_end; ++o) {
    int32_t sum = p->bias[o];
    THIMBLE_FOR_TAPS(taps, &p->window, at, tap, {
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
  const int32_t channels = tile->channel_end - tile->channel;
  const int by_16 = p->multiplier == 1 && p->scale.channel_step == 1 && channels >= 4;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  const int32_t length = (m->filter_columns - 1) * taps.column_step + 1;
  thimble_mve_depthwise g;
  g.p = p;
  g.channel = tile->channel;
  g.channel_end = tile->channel_end;
  g.form = thimble_mve_form(&p->scale, tile->channel, tile->channel_end);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    g.x = input + first_input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      thimble_folded_row(&taps, m, &p->input, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;) {
        int8_t *const y = output + line.at + first_channel;
        int32_t count = 1;
        if (p->whole_bias == 0) {
          thimble_mve_depthwise_any(&g, &taps, y);
        } else if (!by_16) {
          thimble_mve_depthwise_part(&g, &taps, y);
        } else {
          count = thimble_mve_straight(&taps, m, &p->input, &line, length, tile->column_end - c);
          if (channels >= 16) {
            thimble_mve_depthwise_16(&g, &taps, y, line.step, count);
          } else {
            /* A multiple of four channels, and the last four if that left some out. */
            g.channel_end = tile->channel + (channels & ~3);
            thimble_mve_depthwise_less(&g, &taps, y, line.step, count);
            if (g.channel_end < tile->channel_end) {
              g.channel_end = tile->channel_end;
              g.channel = g.channel_end - 4;
              g.x += channels - 4;
              thimble_mve_depthwise_less(&g, &taps, y, line.step, count);
              g.channel = tile->channel;
              g.x -= channels - 4;
            }
          }
        }
        for (c += count; count > 0; --count, thimble_line_next(&line)) thimble_folded_next(&taps, m);
      }
    }
  }
}

#endif

#endif
