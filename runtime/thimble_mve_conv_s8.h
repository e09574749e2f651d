/* Convolutions on cores with Helium: four output channels of a pixel share the loads of its window. */
#ifndef THIMBLE_MVE_CONV_S8_H
#define THIMBLE_MVE_CONV_S8_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

#include "thimble_conv.h"
#include "thimble_mve_row_s8.h"
#include "thimble_mve_window.h"
#include "thimble_sums.h"

/* Windows of so many bytes at most are copied together: many short runs cost more. */
#define THIMBLE_MVE_PATCH 64

/* The window of a pixel: `rows` runs of `length` values. */
typedef struct {
  const thimble_conv_2d_s8_params *p;
  int32_t channel, channel_end, form;
  int32_t stride; /* weights of one output channel */
  const int8_t *x;
  int32_t first, row_step, size; /* the first run begins at x[first]; rows are row_step apart, modulo size */
  int32_t rows, length;
} thimble_mve_window;

THIMBLE_MVE_INLINE void thimble_mve_store(const thimble_mve_window *g, const thimble_mve_dot4 *dot, int32_t o,
                                          int8_t *y) {
  const mve_pred16_t lanes = vctp32q((uint32_t)(g->channel_end - o));
  const thimble_mve_scale scale = thimble_mve_scale_part(&g->p->scale, g->p->whole_bias, o, lanes);
  int32x4_t sums = vaddq_s32(thimble_mve_sums(dot), scale.bias);
  if (g->form == THIMBLE_MVE_RELU) {
    sums = thimble_mve_stored(&scale, sums, THIMBLE_MVE_RELU);
  } else {
    sums = thimble_mve_stored(&scale, sums, THIMBLE_MVE_GENERAL);
  }
  vstrbq_p_s32(y + o, sums, lanes);
}

/* A window that lies within the map and folds between its rows only. */
static __attribute__((noinline)) void thimble_mve_conv_inside(const thimble_mve_window *g, int8_t *y) {
  const int8_t *w = g->p->weights + g->channel * g->stride;
  for (int32_t o = g->channel; o < g->channel_end; o += 4, w += 4 * g->stride) {
    thimble_mve_dot4 dot = thimble_mve_dot4_at(w, g->stride, g->channel_end - o);
    int32_t at = g->first;
    for (int32_t i = g->rows; i > 0; --i) {
      thimble_mve_add_run(&dot, g->x + at, g->length);
      at = thimble_wrap(at + g->row_step, g->size);
    }
    thimble_mve_store(g, &dot, o, y);
  }
}

/* Any window: taps outside the map are the zero point. A filter row is such taps, a run up to where memory
 * folds, the rest of it, and such taps again. */
THIMBLE_MVE_INLINE void thimble_mve_conv_around(const thimble_mve_window *g, const thimble_folded *taps,
                                                int8_t *y) {
  const thimble_window *const m = &g->p->window;
  const int32_t depth = m->input_channels;
  const int32_t before = taps->columns.begin * depth;
  const int32_t length = (taps->columns.end - taps->columns.begin) * depth;
  const int32_t after = g->length - before - length;
  const int8_t *w = g->p->weights + g->channel * g->stride;
  int8_t outside[16];
  vstrbq_s8(outside, vdupq_n_s8((int8_t)-g->p->input_offset));
  for (int32_t o = g->channel; o < g->channel_end; o += 4, w += 4 * g->stride) {
    thimble_mve_dot4 dot = thimble_mve_dot4_at(w, g->stride, g->channel_end - o);
    int32_t row = taps->row;
    for (int32_t i = 0; i < m->filter_rows; ++i) {
      const int inside = taps->rows.begin <= i && i < taps->rows.end;
      const int32_t at = thimble_wrap(row + taps->column, taps->size);
      const int32_t room = g->p->input.columns == 0 ? taps->size - at : taps->circle - taps->column;
      if (!inside) {
        thimble_mve_add_same(&dot, outside, g->length);
        continue;
      }
      if (before > 0) thimble_mve_add_same(&dot, outside, before);
      int32_t left = length < room ? length : room;
      const int8_t *x = g->x + at;
      for (int32_t done = 0; done < length; done += left, left = length - room) {
        thimble_mve_add_run(&dot, x, left);
        x += room - taps->circle;
      }
      if (after > 0) thimble_mve_add_same(&dot, outside, after);
      row = thimble_wrap(row + taps->row_step, taps->size);
    }
    thimble_mve_store(g, &dot, o, y);
  }
}

THIMBLE_MVE_INLINE void thimble_mve_copy(int8_t *to, const int8_t *from, int32_t count) {
  for (; count > 0; count -= 16, to += 16, from += 16) {
    const mve_pred16_t lanes = vctp8q((uint32_t)count);
    vstrbq_p_s8(to, vldrbq_z_s8(from, lanes), lanes);
  }
}

/* Puts a window of few bytes together of which taps lie outside the map, or whose filter rows fold. */
THIMBLE_MVE_INLINE void thimble_mve_patch_around(const thimble_mve_window *g, const thimble_folded *taps,
                                                 int8_t *patch) {
  const thimble_window *const m = &g->p->window;
  const int32_t depth = m->input_channels;
  const int32_t length = (taps->columns.end - taps->columns.begin) * depth;
  const int8x16_t outside = vdupq_n_s8((int8_t)-g->p->input_offset);
  int8_t *to = patch + taps->rows.begin * g->length + taps->columns.begin * depth;
  int32_t row = taps->row;
  for (int32_t i = 0; i < THIMBLE_MVE_PATCH; i += 16) vstrbq_s8(patch + i, outside);
  for (int32_t i = taps->rows.begin; i < taps->rows.end; ++i, to += g->length) {
    const int32_t at = thimble_wrap(row + taps->column, taps->size);
    const int32_t room = g->p->input.columns == 0 ? taps->size - at : taps->circle - taps->column;
    thimble_mve_copy(to, g->x + at, length < room ? length : room);
    if (length > room) thimble_mve_copy(to + room, g->x + at + room - taps->circle, length - room);
    row = thimble_wrap(row + taps->row_step, taps->size);
  }
}

/* Pixel (row, column), or if there is a patch, this alone. */
static __attribute__((noinline)) void thimble_mve_conv_at_border(const thimble_mve_window *g, int32_t row,
                                                                 int32_t column, int8_t *patch, int8_t *y) {
  thimble_folded taps = thimble_folded_begin(&g->p->window, &g->p->input);
  thimble_folded_row(&taps, &g->p->window, &g->p->input, row, column);
  if (patch == 0) {
    thimble_mve_conv_around(g, &taps, y);
  } else {
    thimble_mve_patch_around(g, &taps, patch);
  }
}

/* A patch of a window that lies within the map. */
THIMBLE_MVE_INLINE void thimble_mve_patch_inside(const thimble_mve_window *g, int8_t *patch) {
  int32_t at = g->first;
  for (int32_t i = g->rows; i > 0; --i, patch += g->length) {
    thimble_mve_copy(patch, g->x + at, g->length);
    at = thimble_wrap(at + g->row_step, g->size);
  }
}

/* Groups, dilated columns, parts of the input channels: one output channel after the other. */
static __attribute__((noinline)) void thimble_mve_conv_any(const thimble_mve_window *g,
                                                           const thimble_folded *taps,
                                                           const thimble_part *part, void *sums,
                                                           int32_t partial, int8_t *y) {
  const thimble_conv_2d_s8_params *const p = g->p;
  const thimble_window *const m = &p->window;
  const int32_t depth = p->filter_channels;
  const int32_t group_outputs = m->output_channels / (m->input_channels / depth);
  const int32_t begin = part == 0 ? 0 : part->begin;
  const int32_t count = part == 0 ? depth : part->end - begin;
  for (int32_t o = g->channel; o < g->channel_end; ++o) {
    const int8_t *const x = g->x + (o / group_outputs * depth + begin) % p->input.pixel_step;
    const int8_t *const w = p->weights + o * g->stride + begin;
    const int32_t waiting = part == 0 ? 0 : partial + o % part->map.pixel_step;
    int32_t sum = 0, weights = 0;
    THIMBLE_FOR_TAPS(taps, m, at, tap, {
      for (int32_t k = 0; k < count; k += 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)(count - k));
        const int8x16_t ws = vldrbq_z_s8(w + tap * depth + k, lanes);
        sum = vmladavaq_s8(sum, vldrbq_z_s8(x + at + k, lanes), ws);
        weights = vaddvaq_s8(weights, ws);
      }
    });
    sum = (int32_t)((uint32_t)sum + (uint32_t)weights * (uint32_t)p->input_offset);
    sum = thimble_add_wrapping(
        sum, part == 0 || part->first ? p->bias[o] : thimble_sum_at(sums, part->sum_bytes, waiting));
    if (part == 0 || part->last) {
      y[o] = (int8_t)thimble_scaled(&p->scale, o, sum);
    } else {
      thimble_set_sum(sums, part->sum_bytes, waiting, sum);
    }
  }
}

static __attribute__((noinline)) void thimble_mve_conv_parts(const thimble_conv_2d_s8_params *p,
                                                             const thimble_tile *tile,
                                                             const thimble_part *part, void *sums,
                                                             const int8_t *input, int8_t *output) {
  const thimble_window *const m = &p->window;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  thimble_mve_window g;
  g.p = p;
  g.channel = tile->channel;
  g.channel_end = tile->channel_end;
  g.stride = m->filter_rows * m->filter_columns * p->filter_channels;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    g.x = input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      thimble_folded_row(&taps, m, &p->input, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line), thimble_folded_next(&taps, m)) {
        const int32_t partial = part == 0 ? 0 : b * part->map.size + thimble_line_at(&part->map, r, c).at;
        thimble_mve_conv_any(&g, &taps, part, sums, partial, output + line.at);
      }
    }
  }
}

/* `part` and `sums` are null for a whole sum. */
static inline void thimble_mve_conv_2d_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                                          const thimble_part *part, void *sums, const int8_t *input,
                                          int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t depth = m->input_channels;
  thimble_mve_window g;
  int is_short;
  output += tile->channel % p->output.pixel_step - tile->channel;
  if (part != 0 || p->whole_bias == 0 || p->filter_channels != depth || p->input.pixel_step != depth ||
      m->dilation_columns != 1) {
    thimble_mve_conv_parts(p, tile, part, sums, input, output);
    return;
  }
  g.p = p;
  g.channel = tile->channel;
  g.channel_end = tile->channel_end;
  g.form = p->scale.form;
  g.length = m->filter_columns * depth;
  g.stride = m->filter_rows * g.length;
  g.size = p->input.size;
  g.row_step = m->dilation_rows * p->input.row_step % g.size;
  g.rows = m->filter_rows;
  is_short = g.stride <= THIMBLE_MVE_PATCH && g.form != THIMBLE_MVE_GENERAL && p->scale.channel_step == 1 &&
             tile->channel_end - tile->channel >= 4;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    g.x = input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        int8_t patch[THIMBLE_MVE_PATCH];
        g.first = thimble_mve_inside(m, &p->input, r, c, g.row_step, g.length);
        if (g.first < 0) {
          thimble_mve_conv_at_border(&g, r, c, is_short ? patch : 0, output + line.at);
        } else if (!is_short) {
          thimble_mve_conv_inside(&g, output + line.at);
        } else {
          thimble_mve_patch_inside(&g, patch);
        }
        if (is_short) {
          thimble_mve_row(&p->scale, p->whole_bias, p->weights, g.stride, patch, g.channel, g.channel_end,
                          g.form, output + line.at + g.channel);
        }
      }
    }
  }
}

#endif

#endif
