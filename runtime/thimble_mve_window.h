/* Pixels whose windows the kernels for cores with Helium can do at once. */
#ifndef THIMBLE_MVE_WINDOW_H
#define THIMBLE_MVE_WINDOW_H

#include "thimble_taps.h"

/* How many output pixels from this one on, at most `count`, can be done together: this one alone, or those
 * whose windows lie within the map and follow each other in the input's memory as in the output's. `length`:
 * elements of a filter row from its first tap on. */
static inline int32_t thimble_mve_straight(const thimble_folded *taps, const thimble_window *m,
                                           const thimble_map *map, const thimble_line *line, int32_t length,
                                           int32_t count) {
  const int32_t span = (m->filter_columns - 1) * m->dilation_columns + 1;
  if (count == 1 || map->columns == 0 || taps->column + length > taps->circle ||
      taps->rows.end - taps->rows.begin < m->filter_rows ||
      taps->columns.end - taps->columns.begin < m->filter_columns) {
    return 1;
  }
  const int32_t inside = (m->input_columns - taps->origin - span) / m->stride_columns + 1;
  const int32_t straight = (taps->circle - taps->column - length) / taps->pixel_step + 1;
  const int32_t stored = (line->end - line->at) / line->step;
  if (inside < count) count = inside;
  if (straight < count) count = straight;
  return stored < count ? stored : count;
}

/* Where the window of output pixel (row, column) begins, if it lies within the map and folds between its rows
 * only; else -1. `row_step` from filter row to filter row, each `length` elements from its first tap on. */
static inline int32_t thimble_mve_inside(const thimble_window *m, const thimble_map *map, int32_t row,
                                         int32_t column, int32_t row_step, int32_t length) {
  const int32_t top = row * m->stride_rows - m->padding_top;
  const int32_t left = column * m->stride_columns - m->padding_left;
  int32_t at;
  if (top < 0 || left < 0 || top + (m->filter_rows - 1) * m->dilation_rows >= m->input_rows ||
      left + (m->filter_columns - 1) * m->dilation_columns >= m->input_columns) {
    return -1;
  }
  if (map->columns == 0) {
    /* A FIFO of pixels: any row may fold. */
    const int32_t first = (top * map->row_step + left * map->pixel_step) % map->size;
    at = first;
    for (int32_t i = m->filter_rows; i > 0; --i) {
      if (at + length > map->size) return -1;
      at = thimble_wrap(at + row_step, map->size);
    }
    return first;
  }
  at = left % map->columns * map->pixel_step;
  if (at + length > map->columns * map->pixel_step) return -1;
  return top * map->row_step % map->size + at;
}

#endif
