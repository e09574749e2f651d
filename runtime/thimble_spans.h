/* Where the taps of an output pixel lie in circular memory. */
#ifndef THIMBLE_SPANS_H
#define THIMBLE_SPANS_H

#include "thimble_map.h"
#include "thimble_window.h"

/* Taps begin .. end - 1 of one axis lie inside the map; the first of them is at element `at` of its axis. */
typedef struct {
  int32_t begin, end, at;
} thimble_span;

static inline thimble_span thimble_rows_under(const thimble_window *m, const thimble_map *map, int32_t row) {
  const thimble_taps taps =
      thimble_clip(row * m->stride_rows - m->padding_top, m->dilation_rows, m->filter_rows, m->input_rows);
  thimble_span span;
  span.begin = taps.begin;
  span.end = taps.end;
  span.at = taps.first * map->row_step % map->size;
  return span;
}

static inline thimble_span thimble_columns_under(const thimble_window *m, const thimble_map *map, int32_t column) {
  const thimble_taps taps = thimble_clip(column * m->stride_columns - m->padding_left, m->dilation_columns,
                                         m->filter_columns, m->input_columns);
  thimble_span span;
  span.begin = taps.begin;
  span.end = taps.end;
  span.at = (map->columns == 0 ? taps.first : taps.first % map->columns) * map->pixel_step;
  return span;
}

/* The element of a tap from those of its row and its column. */
static inline int32_t thimble_element(const thimble_map *map, int32_t row, int32_t column) {
  int32_t at = row + column;
  /* Only in a FIFO a row goes on at the beginning of memory; one of few pixels has less than a row. */
  if (at >= map->size) at = at - map->size < map->size ? at - map->size : at % map->size;
  return at;
}

#endif
