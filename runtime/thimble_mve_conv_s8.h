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
  thimble_mve_rows outputs;
  const int8_t *x;
  thimble_taps rows, columns; /* taps of the present pixel */
  int32_t row;                /* where the first of the rows begins */
  int32_t down;               /* from row to row */
  int32_t length;             /* of a filter row */
  int32_t part;               /* of it, in a list of runs: all or 48 values */
  int32_t most;               /* pixels */
  int32_t listed;             /* whether pixels in the map are: not those that are copied or one run */
} thimble_mve_window;

/* The values of a pixel: windows of a few bytes are copied together, since many short runs cost more. */
typedef union {
  thimble_mve_run runs[THIMBLE_CONV_RUNS];
  int8_t patch[THIMBLE_CONV_RUNS_PATCH];
} thimble_mve_pixel;

THIMBLE_MVE_INLINE int8_t *thimble_mve_copy(int8_t *to, const int8_t *from, int32_t count) {
  for (; count > 0; count -= 16, from += 16) {
    const mve_pred16_t lanes = vctp8q((uint32_t)count);
    vstrbq_p_s8(to, vldrbq_z_s8(from, lanes), lanes);
    to += count < 16 ? count : 16;
  }
  return to;
}

/* Lists the runs of any pixel: neighbours in memory and in the filter. The end of the list. With a patch, copies the
 * pixel there instead. */
THIMBLE_MVE_SMALL const thimble_mve_run *thimble_mve_list_any(const thimble_mve_window *g,
                                                              int8_t *patch, thimble_mve_run *run) {
  const thimble_conv_2d_s8_params *const p = g->p;
  const thimble_window *const m = &p->window;
  const thimble_map *const map = &p->input;
  const int32_t depth = m->input_channels, size = map->size, fifo = map->columns == 0;
  const int32_t length = g->length, circle = thimble_circle(map);
  const int32_t before = g->columns.begin * depth;
  const int32_t inside = (g->columns.end - g->columns.begin) * depth;
  const int32_t column = (fifo ? g->columns.first : g->columns.first % map->columns) * depth;
  int32_t row = g->row;
  for (int32_t i = 0; i < m->filter_rows; ++i) {
    /* Zero points, up to two pieces of the map, since memory may fold, zero points; or one of these alone. */
    thimble_mve_run pieces[4];
    int32_t k = 3;
    pieces[3].x = p->outside;
    pieces[3].count = length;
    if (g->rows.begin <= i && i < g->rows.end) {
      const int32_t at = fifo ? (row + column) % size : row + column;
      const int32_t room = fifo ? size - at : circle - column;
      const int8_t *const x = g->x + at;
      row = thimble_wrap(row + g->down, size);
      if (inside == length && room >= length) {
        pieces[3].x = x;
      } else {
        k = 0;
        pieces[0].x = p->outside;
        pieces[0].count = before;
        pieces[1].x = x;
        pieces[1].count = inside < room ? inside : room;
        pieces[2].x = x + room - circle;
        pieces[2].count = inside - pieces[1].count;
        pieces[3].count = length - before - inside;
      }
    }
    for (; k < 4; ++k) {
      if (pieces[k].count == 0) continue;
      if (patch != 0) {
        patch = thimble_mve_copy(patch, pieces[k].x, pieces[k].count);
      } else {
        *run++ = pieces[k];
      }
    }
  }
  return run;
}

/* Lists the runs of a pixel whose filter rows are whole, zero points or at x and g->down from there on; those in the
 * map are `first` .. `last` - 1. The end of the list. `room`: of the row that the end of a FIFO is nearest to. */
THIMBLE_MVE_INLINE thimble_mve_run *thimble_mve_list_rows(const thimble_mve_window *g, const int8_t *x,
                                                          thimble_mve_run *run, thimble_mve_run **first,
                                                          thimble_mve_run **last, int32_t *room) {
  const int32_t size = g->p->input.size, part = g->part, down = g->down;
  const int8_t *const end = g->x + size, *const outside = g->p->outside;
  int32_t rows = g->p->window.filter_rows, before = g->rows.begin, inside = g->rows.end - g->rows.begin;
  *first = *last = run;
  if (inside == rows && part == g->length) {
    int32_t left, least = *room;
    __asm__ volatile(
        "dls lr, %[rows]\n"
        "1:\n\t"
        "strd %[x], %[part], [%[run]], #8\n\t"
        "sub %[left], %[end], %[x]\n\t"
        "cmp %[left], %[least]\n\t"
        "it lt\n\t"
        "movlt %[least], %[left]\n\t"
        "add %[x], %[x], %[down]\n\t"
        "cmp %[x], %[end]\n\t"
        "it cs\n\t"
        "subcs %[x], %[x], %[size]\n\t"
        "le lr, 1b"
        : [x] "+&r"(x), [run] "+&r"(run), [least] "+&r"(least), [left] "=&r"(left)
        : [rows] "r"(rows), [part] "r"(part), [end] "r"(end), [down] "r"(down), [size] "r"(size)
        : "lr", "cc", "memory");
    *room = least;
    *last = run;
    return run;
  }
  do {
    int32_t left = g->length;
    const int8_t *from = outside;
    if (--before < 0 && --inside >= 0) {
      if (end - x < *room) *room = (int32_t)(end - x);
      from = x;
      x += down;
      if (x >= end) x -= size;
    }
    if (before == -1 && inside >= 0) *first = run;
    do {
      run->x = from;
      run->count = part;
      ++run;
      from += part;
      left -= part;
    } while (left > 0);
    if (inside >= 0) *last = run;
  } while (--rows > 0);
  return run;
}

/* Of `most` pixels those that lie in the map and fold as the first does: its window begins at `origin`, with `room` for
 * its values in memory. */
THIMBLE_MVE_INLINE int32_t thimble_mve_pixels(const thimble_mve_window *g, int32_t origin, int32_t room,
                                              int32_t most) {
  const thimble_window *const m = &g->p->window;
  if (most > 1) {
    const int32_t straight = (room - g->length) / (m->stride_columns * m->input_channels) + 1;
    const int32_t whole = (m->input_columns - m->filter_columns - origin) / m->stride_columns + 1;
    if (straight < most) most = straight;
    if (whole < most) most = whole;
  }
  return most;
}

/* The pixel with the window g->columns, at y, and those of the g->most - 1 after it that can be done together with it,
 * except those that are listed. The first tap is at x, with `room` in a row of a map that is no FIFO. The pixels made. */
THIMBLE_MVE_SMALL int32_t thimble_mve_conv_other(const thimble_mve_window *g, const int8_t *x, int32_t room,
                                                 int8_t *y) {
  const thimble_conv_2d_s8_params *const p = g->p;
  const thimble_window *const m = &p->window;
  const int32_t length = g->length, size = p->input.size;
  const int32_t copied = g->outputs.depth <= THIMBLE_CONV_RUNS_PATCH && m->filter_rows > 1;
  const int32_t rows = g->rows.end - g->rows.begin;
  const int32_t inside = (g->columns.end - g->columns.begin) * m->input_channels;
  thimble_mve_places places = {x, y, m->stride_columns * m->input_channels, p->output.pixel_step, 1, 0};
  thimble_mve_copies copies;
  thimble_mve_pixel pixel;
  if (p->input.columns == 0) {
    int32_t here = (int32_t)(x - g->x);
    for (int32_t i = rows; i > 0; --i, here = thimble_wrap(here + g->down, size)) {
      if (size - here < room) room = size - here;
    }
  }
  if (room < inside || !(copied || (inside == length && m->filter_rows == 1 && rows == 1))) {
    /* Memory folds within a row, or there is more than a run for each. */
    const thimble_mve_run *const end = thimble_mve_list_any(g, copied ? pixel.patch : 0, pixel.runs);
    if (!copied) {
      thimble_mve_row_of_runs(&g->outputs, pixel.runs, end, y, 0);
      return 1;
    }
    places.x = pixel.patch;
  } else {
    if (inside == length) places.count = thimble_mve_pixels(g, g->columns.first, room, g->most);
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
        for (int32_t k = 0; k < g->outputs.depth; k += 16) vstrbq_s8(pixel.patch + k, outside);
      }
      places.copies = &copies;
    }
  }
  thimble_mve_row(&g->outputs, &places);
  return places.count;
}

/* Pixel `column` of a row, at y, and those of the `most` - 1 after it that can be done together with it. The pixels
 * made. */
THIMBLE_MVE_SMALL int32_t thimble_mve_conv_pixels(thimble_mve_window *g, int32_t column, int32_t most,
                                                  int8_t *y) {
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
    if (first >= p->input.columns) first %= p->input.columns;
    room = (p->input.columns - first) * depth;
  }
  first = first * depth + g->row;
  if (fifo && first >= size) first %= size;
  if (whole) {
    if (g->listed) {
      thimble_mve_run runs[THIMBLE_CONV_RUNS], *inside, *outside;
      int32_t least = room;
      const thimble_mve_run *const end =
          thimble_mve_list_rows(g, g->x + first, runs, &inside, &outside, &least);
      if (least >= g->length) {
        const int32_t count = thimble_mve_pixels(g, origin, least, most), step = m->stride_columns * depth;
        const int32_t of_48 = g->part == 48 ? (int32_t)(end - runs) : 0;
        for (int32_t left = count;;) {
          thimble_mve_row_of_runs(&g->outputs, runs, end, y, of_48);
          if (--left == 0) return count;
          y += p->output.pixel_step;
          thimble_mve_run *next = inside;
          while (next != outside) next++->x += step;
        }
      }
    }
    g->columns.begin = 0;
    g->columns.end = m->filter_columns;
    g->columns.first = origin;
  }
  /* Four arguments, so that the list above is off the stack when it begins. */
  g->most = most;
  return thimble_mve_conv_other(g, g->x + first, room, y);
}

/* Convolutions that thimble_conv_2d_runs_s8 takes. */
static inline void thimble_mve_conv_2d_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                                          const int8_t *input, int8_t *output) {
  const thimble_window *const m = &p->window;
  thimble_mve_window g;
  output += tile->channel % p->output.pixel_step;
  g.p = p;
  g.length = m->filter_columns * m->input_channels;
  g.part = g.length;
  g.listed = m->filter_rows > 1 && m->filter_rows * g.length > THIMBLE_CONV_RUNS_PATCH;
  if (g.listed && m->filter_rows * g.length <= 48 * THIMBLE_CONV_RUNS && g.length % 48 == 0) g.part = 48;
  g.down = m->dilation_rows * p->input.row_step % p->input.size;
  g.outputs = thimble_mve_rows_of(&p->scale, p->whole_bias, p->weights, m->filter_rows * g.length, tile->channel,
                                  tile->channel_end);
  /* None of these loops is for nothing, and most are run through once. */
  for (int32_t images = m->batches;; input += p->input.size, output += p->output.size) {
    int32_t r = tile->row;
    g.x = input;
    do {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      const int32_t origin = r * m->stride_rows - m->padding_top;
      int32_t c = tile->column;
      g.rows.begin = 0;
      g.rows.end = m->filter_rows;
      g.rows.first = origin;
      if (origin < 0 || origin + (m->filter_rows - 1) * m->dilation_rows >= m->input_rows) {
        g.rows = thimble_clip(origin, m->dilation_rows, m->filter_rows, m->input_rows);
      }
      g.row = g.rows.first * p->input.row_step % p->input.size;
      do {
        int32_t most = tile->column_end - c;
        if (most > 1) {
          const int32_t straight = (line.end - line.at) / line.step;
          if (straight < most) most = straight;
        }
        most = thimble_mve_conv_pixels(&g, c, most, output + line.at);
        c += most;
        line.at += most * line.step;
        if (line.at >= line.end) line.at -= line.circle;
      } while (c < tile->column_end);
    } while (++r < tile->row_end);
    if (--images == 0) return;
  }
}

#endif

#endif
