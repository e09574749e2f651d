/* What thimble_conv_2d_runs_s8 does not take of convolutions on cores with Helium. */
#ifndef THIMBLE_MVE_CONV_ANY_S8_H
#define THIMBLE_MVE_CONV_ANY_S8_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

#include "thimble_conv_2d_runs_s8.h"
#include "thimble_sums.h"
#include "thimble_taps.h"

/* A call, and the present image. */
typedef struct {
  const thimble_conv_2d_s8_params *p;
  int32_t channel, channel_end;
  int32_t stride; /* weights of one output channel */
  const int8_t *x;
} thimble_mve_any_window;

/* Groups, dilated columns, parts of the input channels: one output channel after the other. */
THIMBLE_MVE_SMALL void thimble_mve_conv_any(const thimble_mve_any_window *g,
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

THIMBLE_MVE_SMALL void thimble_mve_conv_parts(const thimble_conv_2d_s8_params *p,
                                              int32_t batches, const thimble_tile *tile,
                                              const thimble_part *part, void *sums,
                                              const int8_t *input, int8_t *output) {
  const thimble_window *const m = &p->window;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  thimble_mve_any_window g;
  g.p = p;
  g.channel = tile->channel;
  g.channel_end = tile->channel_end;
  g.stride = m->filter_rows * m->filter_columns * p->filter_channels;
  for (int32_t b = 0; b < batches; ++b, input += p->input.size, output += p->output.size) {
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
static inline void thimble_mve_conv_2d_any_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                                              const thimble_part *part, void *sums, const int8_t *input,
                                              int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t channel = tile->channel % p->output.pixel_step - tile->channel;
  thimble_tile parts[3];
  parts[0] = parts[1] = parts[2] = *tile;
  if (part != 0 || !thimble_conv_has_runs(p, 0)) {
    thimble_mve_conv_parts(p, m->batches, tile, part, sums, input, output + channel);
    return;
  }
  if (!thimble_conv_has_runs(p, 1)) {
    /* At the sides there are more of them. */
    const int32_t left = (m->padding_left + m->stride_columns - 1) / m->stride_columns;
    const int32_t inside = m->input_columns + m->padding_left - m->filter_columns;
    const int32_t right = inside < 0 ? 0 : inside / m->stride_columns + 1;
    if (parts[1].column < left) parts[1].column = left < tile->column_end ? left : tile->column_end;
    if (parts[1].column_end > right) parts[1].column_end = right > parts[1].column ? right : parts[1].column;
  }
  parts[0].column_end = parts[1].column;
  parts[2].column = parts[1].column_end;
  for (int32_t i = 0; i < 3; i += 2) {
    if (parts[i].column >= parts[i].column_end) continue;
    thimble_mve_conv_parts(p, m->batches, &parts[i], 0, 0, input, output + channel);
  }
  if (parts[1].column < parts[1].column_end) thimble_conv_2d_runs_s8(p, &parts[1], input, output);
}

#endif

#endif
