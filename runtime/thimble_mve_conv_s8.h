/* Convolutions on cores with Helium: four output channels of a pixel share the loads of its window. What all pixels of a
 * call, a row or a run of pixels have in common is looked at once for them. */
#ifndef THIMBLE_MVE_CONV_S8_H
#define THIMBLE_MVE_CONV_S8_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

#include "thimble_conv.h"
#include "thimble_mve_row_s8.h"
#include "thimble_taps.h"

/* A call, and the present row and pixel. */
typedef struct {
  const thimble_conv_2d_s8_params *p;
  const thimble_mve_rows *outputs;
  const int8_t *x;
  thimble_taps rows, columns; /* taps of the present pixel */
  int32_t row;                /* where the first of the rows begins */
  int32_t down;               /* from row to row */
  int32_t length;             /* of a filter row */
  int32_t most;               /* pixels */
  int8_t *y;
  thimble_line line; /* of the present pixel there */
} thimble_mve_window;

/* The values of a pixel: windows of a few bytes are copied together, since many short runs cost more. */
typedef union {
  thimble_mve_run runs[THIMBLE_CONV_RUNS];
  int8_t patch[THIMBLE_CONV_RUNS_PATCH];
} thimble_mve_pixel;

THIMBLE_MVE_SMALL int8_t *thimble_mve_copy(int8_t *to, const int8_t *from, int32_t count) {
  for (; count > 0; count -= 16, from += 16) {
    const mve_pred16_t lanes = vctp8q((uint32_t)count);
    vstrbq_p_s8(to, vldrbq_z_s8(from, lanes), lanes);
    to += count < 16 ? count : 16;
  }
  return to;
}

/* A run at the end of a list; with a patch, its values there instead. */
#define THIMBLE_MVE_PUT_RUN(from, values)                   \
  do {                                                      \
    if (patch != 0) {                                       \
      patch = thimble_mve_copy(patch, from, values);        \
    } else {                                                \
      run->x = from;                                        \
      run->count = values;                                  \
      ++run;                                                \
    }                                                       \
  } while (0)

/* Lists the runs of any pixel: neighbours in memory and in the filter. Its first tap is at x, with `room` before memory
 * folds in that row, if it is no FIFO. The end of the list. With a patch, copies the pixel there instead. */
THIMBLE_MVE_SMALL const thimble_mve_run *thimble_mve_list_any(const thimble_mve_window *g, const int8_t *x,
                                                              int32_t room, int8_t *patch, thimble_mve_run *run) {
  const thimble_conv_2d_s8_params *const p = g->p;
  const thimble_map *const map = &p->input;
  const int8_t *const outside = p->outside, *const end = g->x + map->size;
  const int32_t depth = p->window.input_channels, length = g->length, circle = thimble_circle(map);
  const int32_t before = g->columns.begin * depth, inside = g->columns.end * depth - before;
  int32_t i = 0, rows = p->window.filter_rows;
  do {
    int32_t after = length;
    if (g->rows.begin <= i && i < g->rows.end) {
      int32_t straight = map->columns == 0 ? (int32_t)(end - x) : room;
      if (straight > inside) straight = inside;
      if (before > 0) THIMBLE_MVE_PUT_RUN(outside, before);
      THIMBLE_MVE_PUT_RUN(x, straight);
      if (inside > straight) THIMBLE_MVE_PUT_RUN(x + (straight - circle), inside - straight);
      x += g->down;
      if (x >= end) x -= map->size;
      after -= before + inside;
    }
    if (after > 0) THIMBLE_MVE_PUT_RUN(outside, after);
  } while (++i < rows);
  return run;
}

/* Lists filter rows of zero points. The end of the list. */
THIMBLE_MVE_INLINE thimble_mve_run *thimble_mve_list_outside(const thimble_mve_window *g, thimble_mve_run *run,
                                                             int32_t rows) {
  for (int32_t left = rows * g->length; left > 0; left -= g->outputs->run) {
    run->x = g->p->outside;
    run->count = g->outputs->run;
    ++run;
  }
  return run;
}

/* Lists the runs of `rows` filter rows which are whole, at x and g->down from there on. The end of the list. `room`: of
 * the row that the end of a FIFO is nearest to. */
THIMBLE_MVE_INLINE thimble_mve_run *thimble_mve_list_rows(const thimble_mve_window *g, const int8_t *x,
                                                          thimble_mve_run *run, int32_t rows, int32_t *room) {
  const int32_t size = g->p->input.size, part = g->outputs->run, down = g->down;
  const int8_t *const end = g->x + size;
  int32_t pieces = 1, left, least = *room;
  const int8_t *from;
  if (part < g->length) pieces = g->length / part;
  __asm__ volatile(
      "1:\n\t"
      "dls lr, %[pieces]\n\t"
      "mov %[from], %[x]\n"
      "2:\n\t"
      "strd %[from], %[part], [%[run]], #8\n\t"
      "add %[from], %[from], %[part]\n\t"
      "le lr, 2b\n\t"
      "sub %[left], %[end], %[x]\n\t"
      "cmp %[left], %[least]\n\t"
      "it lt\n\t"
      "movlt %[least], %[left]\n\t"
      "add %[x], %[x], %[down]\n\t"
      "cmp %[x], %[end]\n\t"
      "it cs\n\t"
      "subcs %[x], %[x], %[size]\n\t"
      "subs %[rows], %[rows], #1\n\t"
      "bne 1b"
      : [x] "+&r"(x), [run] "+&r"(run), [least] "+&r"(least), [left] "=&r"(left), [from] "=&r"(from),
        [rows] "+&r"(rows)
      : [pieces] "r"(pieces), [part] "r"(part), [end] "r"(end), [down] "r"(down), [size] "r"(size)
      : "lr", "cc", "memory");
  *room = least;
  return run;
}

/* Moves the places of runs by `step`. */
THIMBLE_MVE_INLINE void thimble_mve_move_runs(thimble_mve_run *run, const thimble_mve_run *end, int32_t step) {
  const int8_t *x;
  __asm__ volatile(
      "dls lr, %[count]\n"
      "1:\n\t"
      "ldr %[x], [%[run]]\n\t"
      "add %[x], %[x], %[step]\n\t"
      "str %[x], [%[run]], #8\n\t"
      "le lr, 1b"
      : [run] "+&r"(run), [x] "=&r"(x)
      : [step] "r"(step), [count] "r"(end - run)
      : "lr", "memory");
}

/* Of `most` pixels those that lie in the map and fold as the first does: its window begins at `origin`, with `room` for
 * its values in memory. */
THIMBLE_MVE_INLINE int32_t thimble_mve_pixels(const thimble_mve_window *g, int32_t origin, int32_t room,
                                              int32_t most) {
  const thimble_window *const m = &g->p->window;
  if (most > 1) {
    const int32_t whole = (m->input_columns - m->filter_columns - origin) * m->input_channels;
    int32_t straight = room - g->length;
    if (whole < straight) straight = whole;
    straight = straight / (m->stride_columns * m->input_channels) + 1;
    if (straight < most) most = straight;
  }
  return most;
}

/* Goes on by `count` pixels of the output. */
THIMBLE_MVE_INLINE void thimble_mve_next_pixels(thimble_mve_window *g, int32_t count) {
  g->line.at += count * g->line.step;
  if (g->line.at >= g->line.end) g->line.at -= g->line.circle;
}

/* The pixel with the window g->columns and those of the g->most - 1 after it that can be done together with it, except
 * those that are listed. The first tap is at x, with `room` in a row of a map that is no FIFO. The pixels made. */
THIMBLE_MVE_SMALL int32_t thimble_mve_conv_other(thimble_mve_window *g, const int8_t *x, int32_t room) {
  const thimble_conv_2d_s8_params *const p = g->p;
  const thimble_window *const m = &p->window;
  const int32_t length = g->length, size = p->input.size;
  const int32_t copied = g->outputs->depth <= THIMBLE_CONV_RUNS_PATCH && m->filter_rows > 1;
  const int32_t rows = g->rows.end - g->rows.begin;
  const int32_t inside = (g->columns.end - g->columns.begin) * m->input_channels;
  int8_t *const y = g->y + g->line.at;
  int32_t least = room;
  thimble_mve_places places = {x, y, m->stride_columns * m->input_channels, p->output.pixel_step, 1, 0};
  thimble_mve_copies copies;
  thimble_mve_pixel pixel;
  if (p->input.columns == 0 && g->outputs->run == 0) {
    int32_t here = (int32_t)(x - g->x);
    for (int32_t i = rows; i > 0; --i, here = thimble_wrap(here + g->down, size)) {
      if (size - here < least) least = size - here;
    }
  }
  if (least < inside || !(copied || (inside == length && m->filter_rows == 1 && rows == 1))) {
    /* Memory folds within a row, or there is more than a run for each. */
    const thimble_mve_run *const end = thimble_mve_list_any(g, x, room, copied ? pixel.patch : 0, pixel.runs);
    if (!copied) {
      thimble_mve_row_of_runs(g->outputs, pixel.runs, end, y, 0);
      thimble_mve_next_pixels(g, 1);
      return 1;
    }
    places.x = pixel.patch;
  } else {
    if (inside == length) {
      places.count = thimble_mve_pixels(g, g->columns.first, least, g->most);
      if (places.count > 1) {
        const int32_t straight = (g->line.end - g->line.at) / g->line.step;
        if (straight < places.count) places.count = straight;
      }
    }
    if (copied) {
      copies.patch = pixel.patch;
      copies.to = pixel.patch + g->rows.begin * length + g->columns.begin * m->input_channels;
      copies.end = g->x + size;
      copies.size = size;
      copies.down = g->down;
      copies.length = length;
      copies.rows = rows;
      copies.count = inside;
      if (rows < m->filter_rows || inside < length) {
        const int8x16_t outside = vdupq_n_s8(p->outside[0]);
        for (int32_t k = 0; k < g->outputs->depth; k += 16) vstrbq_s8(pixel.patch + k, outside);
      }
      places.copies = &copies;
    }
  }
  thimble_mve_row(g->outputs, &places);
  thimble_mve_next_pixels(g, places.count);
  return places.count;
}

/* Pixel `column` of a row and those of the `most` - 1 after it that can be done together with it. The pixels made. */
THIMBLE_MVE_SMALL int32_t thimble_mve_conv_pixels(thimble_mve_window *g, int32_t column, int32_t most) {
  const thimble_conv_2d_s8_params *const p = g->p;
  const thimble_window *const m = &p->window;
  const int32_t depth = m->input_channels, size = p->input.size, fifo = p->input.columns == 0;
  const int32_t origin = column * m->stride_columns - m->padding_left;
  const int32_t whole = origin >= 0 && origin + m->filter_columns <= m->input_columns;
  int32_t first = origin, room = size;
  if (!whole) {
    g->columns = thimble_clip(origin, 1, m->filter_columns, m->input_columns);
    first = g->columns.first;
  }
  if (!fifo) {
    first %= p->input.columns;
    room = (p->input.columns - first) * depth;
  }
  first = (first * depth + g->row) % size;
  if (whole) {
    const int32_t rows = g->rows.end - g->rows.begin;
    if (g->outputs->run > 0 && rows > 0) {
      thimble_mve_run runs[THIMBLE_CONV_RUNS];
      thimble_mve_run *const inside = thimble_mve_list_outside(g, runs, g->rows.begin);
      int32_t least = room;
      thimble_mve_run *const outside = thimble_mve_list_rows(g, g->x + first, inside, rows, &least);
      if (least >= g->length) {
        const thimble_mve_run *const end = thimble_mve_list_outside(g, outside, m->filter_rows - g->rows.end);
        const int32_t count = thimble_mve_pixels(g, origin, least, most);
        const int32_t of_48 = g->outputs->run == 48 ? (int32_t)(end - runs) : 0;
        const int32_t step = m->stride_columns * depth;
        for (int32_t left = count;;) {
          int8_t *const y = g->y + g->line.at;
          thimble_mve_next_pixels(g, 1);
          thimble_mve_row_of_runs(g->outputs, runs, end, y, of_48);
          if (--left == 0) return count;
          thimble_mve_move_runs(inside, outside, step);
        }
      }
    }
    g->columns.begin = 0;
    g->columns.end = m->filter_columns;
    g->columns.first = origin;
  }
  /* Few arguments, so that the list above is off the stack when it begins. */
  g->most = most;
  return thimble_mve_conv_other(g, g->x + first, room);
}

/* Convolutions that thimble_conv_2d_runs_s8 takes. `rows`: all outputs of a tile that has all channels, or null. */
static inline void thimble_mve_conv_2d_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                                          const int8_t *input, int8_t *output, const thimble_mve_rows *rows) {
  const thimble_window *const m = &p->window;
  thimble_mve_window g;
  thimble_mve_rows part;
  g.p = p;
  g.x = input;
  g.y = output;
  g.length = m->filter_columns * m->input_channels;
  g.down = m->dilation_rows * p->input.row_step % p->input.size;
  g.outputs = rows;
  if (rows == 0) {
    const int32_t values = m->filter_rows * g.length;
    thimble_mve_set_rows(&part, &p->scale, p->whole_bias, p->weights, values, tile->channel, tile->channel_end);
    if (m->filter_rows > 1 && values > THIMBLE_CONV_RUNS_PATCH) {
      part.run = values <= 48 * THIMBLE_CONV_RUNS && g.length % 48 == 0 ? 48 : g.length;
    }
    g.outputs = &part;
    g.y += tile->channel % p->output.pixel_step;
  }
  /* None of these loops is for nothing, and most are run through once. */
  for (int32_t images = m->batches;; g.x += p->input.size, g.y += p->output.size) {
    int32_t r = tile->row;
    do {
      const int32_t origin = r * m->stride_rows - m->padding_top;
      int32_t c = tile->column;
      g.line = thimble_line_at(&p->output, r, c);
      g.rows.begin = 0;
      g.rows.end = m->filter_rows;
      g.rows.first = origin;
      if (origin < 0 || origin + (m->filter_rows - 1) * m->dilation_rows >= m->input_rows) {
        g.rows = thimble_clip(origin, m->dilation_rows, m->filter_rows, m->input_rows);
      }
      g.row = g.rows.first * p->input.row_step % p->input.size;
      do {
        c += thimble_mve_conv_pixels(&g, c, tile->column_end - c);
      } while (c < tile->column_end);
    } while (++r < tile->row_end);
    if (--images == 0) return;
  }
}

#endif

#endif
