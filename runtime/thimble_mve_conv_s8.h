/* Convolutions on cores with Helium: four output channels of a pixel share the loads of its window. */
#ifndef THIMBLE_MVE_CONV_S8_H
#define THIMBLE_MVE_CONV_S8_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

#include "thimble_conv.h"
#include "thimble_mve_row_s8.h"
#include "thimble_taps.h"
#include "thimble_sums.h"

/* Windows of so many bytes at most are copied together: many short runs cost more. */
#define THIMBLE_MVE_PATCH 64

/* A call, and the present pixel. */
typedef struct {
  const thimble_conv_2d_s8_params *p;
  thimble_mve_rows outputs;
  const int8_t *x;
  thimble_taps rows, columns; /* taps of the present pixel */
} thimble_mve_window;

/* The same for thimble_mve_conv_any. */
typedef struct {
  const thimble_conv_2d_s8_params *p;
  int32_t channel, channel_end;
  int32_t stride; /* weights of one output channel */
  const int8_t *x;
} thimble_mve_any_window;

THIMBLE_MVE_INLINE int8_t *thimble_mve_copy(int8_t *to, const int8_t *from, int32_t count) {
  for (; count > 16; count -= 16, to += 16, from += 16) vstrbq_s8(to, vldrbq_s8(from));
  if (count > 0) {
    const mve_pred16_t lanes = vctp8q((uint32_t)count);
    vstrbq_p_s8(to, vldrbq_z_s8(from, lanes), lanes);
    to += count;
  }
  return to;
}

/* Copies runs of the same number of values. */
THIMBLE_MVE_INLINE void thimble_mve_copy_rows(const thimble_mve_run *run, int32_t rows, int8_t *to) {
  const int32_t count = run->count;
  if (count > 16) {
    for (; rows > 0; --rows, ++run) to = thimble_mve_copy(to, run->x, count);
  } else {
    const int8_t *x;
    /* Nothing else here knows of the vector predicate. */
    __asm__ volatile(
        "vctp.8 %[count]\n\t"
        "dls lr, %[rows]\n"
        "1:\n\t"
        "ldr %[x], [%[run]], #8\n\t"
        "vpstt\n\t"
        "vldrbt.8 q0, [%[x]]\n\t"
        "vstrbt.8 q0, [%[to]]\n\t"
        "add %[to], %[to], %[count]\n\t"
        "le lr, 1b"
        : [run] "+&r"(run), [to] "+&r"(to), [x] "=&r"(x)
        : [rows] "r"(rows), [count] "r"(count)
        : "lr", "q0", "memory");
  }
}

/* Lists the runs of a pixel: neighbours in memory and in the filter. The end of the list, or null: it is too long. With
 * a patch, copies the pixel there instead. */
static __attribute__((noinline, cold)) const thimble_mve_run *thimble_mve_list_any(const thimble_mve_window *g,
                                                                             int8_t *patch, thimble_mve_run *run) {
  const thimble_conv_2d_s8_params *const p = g->p;
  const thimble_window *const m = &p->window;
  const thimble_map *const map = &p->input;
  const thimble_mve_run *const most = run + THIMBLE_MVE_RUNS;
  const int32_t depth = m->input_channels, size = map->size, fifo = map->columns == 0;
  const int32_t length = m->filter_columns * depth;
  const int32_t before = g->columns.begin * depth;
  const int32_t inside = (g->columns.end - g->columns.begin) * depth;
  const int32_t column = (fifo ? g->columns.first : g->columns.first % map->columns) * depth;
  int32_t row = g->rows.first * map->row_step;
  for (int32_t i = 0; i < m->filter_rows; ++i) {
    /* Zero points, up to two pieces of the map, since memory may fold, zero points; or one of these alone. */
    thimble_mve_run pieces[4];
    int32_t k = 3;
    pieces[3].x = p->outside;
    pieces[3].count = length;
    if (g->rows.begin <= i && i < g->rows.end) {
      const int32_t at = fifo ? (row + column) % size : row % size + column;
      const int32_t room = fifo ? size - at : map->columns * depth - column;
      const int8_t *const x = g->x + at;
      row += m->dilation_rows * map->row_step;
      if (inside == length && room >= length) {
        pieces[3].x = x;
      } else {
        k = 0;
        pieces[0].x = p->outside;
        pieces[0].count = before;
        pieces[1].x = x;
        pieces[1].count = inside < room ? inside : room;
        pieces[2].x = x + room - (fifo ? size : map->columns * depth);
        pieces[2].count = inside - pieces[1].count;
        pieces[3].count = length - before - inside;
      }
    }
    for (; k < 4; ++k) {
      if (pieces[k].count == 0) continue;
      if (patch != 0) {
        patch = thimble_mve_copy(patch, pieces[k].x, pieces[k].count);
      } else {
        if (run == most) return 0;
        *run++ = pieces[k];
      }
    }
  }
  return run;
}

/* The same of a pixel whose window lies within the map and folds between its rows only: a run for each filter row.
 * How many pixels from this one on, at most `most`, have theirs as far from these as from each other; 0: this one is
 * none of those. */
static __attribute__((noinline)) int32_t thimble_mve_list_rows(const thimble_mve_window *g, int32_t most,
                                                               thimble_mve_run *run) {
  const thimble_conv_2d_s8_params *const p = g->p;
  const thimble_window *const m = &p->window;
  const thimble_map *const map = &p->input;
  const int32_t size = map->size, fifo = map->columns == 0, step = map->pixel_step;
  const int32_t length = m->filter_columns * step;
  const int32_t down = m->dilation_rows * map->row_step % size;
  const int32_t column = (fifo ? g->columns.first : g->columns.first % map->columns) * step;
  int32_t row = g->rows.first * map->row_step % size;
  int32_t room = fifo ? size : map->columns * step - column;
  if (m->filter_rows > THIMBLE_MVE_RUNS || g->rows.end - g->rows.begin < m->filter_rows ||
      g->columns.end - g->columns.begin < m->filter_columns) {
    return 0;
  }
  for (int32_t i = m->filter_rows; i > 0; --i, ++run) {
    int32_t at = row + column;
    if (at >= size) at %= size;
    if (size - at < room) room = size - at;
    run->x = g->x + at;
    run->count = length;
    row = thimble_wrap(row + down, size);
  }
  if (room < length) return 0;
  if (most > 1) {
    const int32_t straight = (room - length) / (m->stride_columns * step) + 1;
    const int32_t inside = (m->input_columns - m->filter_columns - g->columns.first) / m->stride_columns + 1;
    if (straight < most) most = straight;
    if (inside < most) most = inside;
  }
  return most;
}

/* Groups, dilated columns, parts of the input channels: one output channel after the other. */
static __attribute__((noinline, cold)) void thimble_mve_conv_any(const thimble_mve_any_window *g,
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

static __attribute__((noinline, cold)) void thimble_mve_conv_parts(const thimble_conv_2d_s8_params *p,
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

/* Pixel (row, column). */
static __attribute__((noinline, cold)) void thimble_mve_conv_one(const thimble_conv_2d_s8_params *p,
                                                                 const thimble_tile *tile, int32_t row,
                                                                 int32_t column, const int8_t *input,
                                                                 int8_t *output) {
  const thimble_tile one = {row, row + 1, column, column + 1, tile->channel, tile->channel_end};
  thimble_mve_conv_parts(p, 1, &one, 0, 0, input, output);
}

/* Pixel `column` of a row, and those of the `most` - 1 after it that can be done together with it. `y` goes on to the
 * next. The pixels made; 0: it has too many runs. */
static __attribute__((noinline)) int32_t thimble_mve_conv_pixels(thimble_mve_window *g, int32_t column, int32_t most,
                                                                 int8_t *output, thimble_line *line) {
  const thimble_conv_2d_s8_params *const p = g->p;
  const thimble_window *const m = &p->window;
  const int32_t rows = m->filter_rows, step = m->stride_columns * p->input.pixel_step;
  const int32_t copied = g->outputs.depth <= THIMBLE_MVE_PATCH && rows > 1;
  thimble_mve_run runs[THIMBLE_MVE_RUNS];
  int8_t patch[THIMBLE_MVE_PATCH];
  const thimble_mve_run *end = runs + rows;
  g->columns =
      thimble_clip(column * m->stride_columns - m->padding_left, 1, m->filter_columns, m->input_columns);
  int32_t count = thimble_mve_list_rows(g, most, runs);
  const int32_t whole = count > 0;
  if (!whole) {
    count = 1;
    end = thimble_mve_list_any(g, copied ? patch : 0, runs);
    if (end == 0) return 0;
  }
  for (int32_t left = count;;) {
    if (copied) {
      if (whole) thimble_mve_copy_rows(runs, rows, patch);
      thimble_mve_row(&g->outputs, patch, output + line->at);
    } else if (end == runs + 1) {
      thimble_mve_row(&g->outputs, runs[0].x, output + line->at);
    } else {
      thimble_mve_row_of_runs(&g->outputs, runs, end, output + line->at);
    }
    thimble_line_next(line);
    if (--left == 0) return count;
    for (int32_t i = 0; i < rows; ++i) runs[i].x += step;
  }
}

/* `part` and `sums` are null for a whole sum. */
static inline void thimble_mve_conv_2d_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                                          const thimble_part *part, void *sums, const int8_t *input,
                                          int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t depth = m->input_channels;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  thimble_mve_window g;
  output += first_channel;
  if (part != 0 || p->whole_bias == 0 || p->filter_channels != depth || p->input.pixel_step != depth ||
      m->dilation_columns != 1) {
    thimble_mve_conv_parts(p, m->batches, tile, part, sums, input, output);
    return;
  }
  g.p = p;
  g.outputs = thimble_mve_rows_of(&p->scale, p->whole_bias, p->weights, m->filter_rows * m->filter_columns * depth,
                                  tile->channel, tile->channel_end);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    g.x = input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      g.rows =
          thimble_clip(r * m->stride_rows - m->padding_top, m->dilation_rows, m->filter_rows, m->input_rows);
      for (int32_t c = tile->column; c < tile->column_end;) {
        const int32_t made =
            thimble_mve_conv_pixels(&g, c, tile->column_end - c, output + tile->channel, &line);
        if (made == 0) {
          thimble_mve_conv_one(p, tile, r, c, input, output);
          thimble_line_next(&line);
        }
        c += made > 0 ? made : 1;
      }
    }
  }
}

#endif

#endif
