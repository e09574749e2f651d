/* The walk over the taps of a window in circular memory: for maps whose columns fold too. */
#ifndef THIMBLE_TAPS_H
#define THIMBLE_TAPS_H

#include "thimble_map.h"
#include "thimble_window.h"

/* The taps of one output pixel that lie inside the map: rows.begin .. rows.end - 1, likewise columns. The
 * first one is at element `row` + `column`, modulo `size`; from tap to tap, columns go on by `column_step`
 * modulo `circle` and rows by `row_step` modulo `size`. */
typedef struct {
  thimble_taps rows, columns;
  int32_t row, row_step, size;
  int32_t column, column_step, circle;
  int32_t origin, start; /* index and position of column tap 0, which may lie outside */
  int32_t pixel_step;    /* from one output pixel to the next */
} thimble_folded;

static inline thimble_folded thimble_folded_begin(const thimble_window *m, const thimble_map *map) {
  thimble_folded taps;
  taps.rows = taps.columns = thimble_clip(0, 1, 0, 0);
  taps.row = taps.column = taps.origin = taps.start = 0;
  taps.size = map->size;
  taps.circle = thimble_circle(map);
  taps.row_step = m->dilation_rows * map->row_step % taps.size;
  taps.column_step = m->dilation_columns * map->pixel_step % taps.circle;
  taps.pixel_step = m->stride_columns * map->pixel_step % taps.circle;
  return taps;
}

static inline void thimble_folded_columns(thimble_folded *taps, const thimble_window *m) {
  taps->columns = thimble_clip(taps->origin, m->dilation_columns, m->filter_columns, m->input_columns);
  taps->column = taps->start;
  for (int32_t j = 0; j < taps->columns.begin; ++j) {
    taps->column = thimble_wrap(taps->column + taps->column_step, taps->circle);
  }
}

/* Goes to output pixel (row, column). */
static inline void thimble_folded_row(thimble_folded *taps, const thimble_window *m, const thimble_map *map,
                                      int32_t row, int32_t column) {
  taps->rows =
      thimble_clip(row * m->stride_rows - m->padding_top, m->dilation_rows, m->filter_rows, m->input_rows);
  taps->row = taps->rows.first * map->row_step % taps->size;
  taps->origin = column * m->stride_columns - m->padding_left;
  taps->start = thimble_modulo(taps->origin * map->pixel_step, taps->circle);
  thimble_folded_columns(taps, m);
}

/* Goes to the next output pixel of the row. */
static inline void thimble_folded_next(thimble_folded *taps, const thimble_window *m) {
  taps->origin += m->stride_columns;
  taps->start = thimble_wrap(taps->start + taps->pixel_step, taps->circle);
  thimble_folded_columns(taps, m);
}

/* Runs BODY for every tap inside the map, in the order rows, columns: `at` is its element, `tap` its number
 * in the filter. */
#define THIMBLE_FOR_TAPS(taps, m, at, tap, BODY)                                        \
  do {                                                                                  \
    int32_t tap_row_ = (taps)->row;                                                     \
    for (int32_t i_ = (taps)->rows.begin; i_ < (taps)->rows.end; ++i_) {                \
      int32_t tap_column_ = (taps)->column;                                             \
      int32_t tap = i_ * (m)->filter_columns + (taps)->columns.begin;                   \
      for (int32_t j_ = (taps)->columns.begin; j_ < (taps)->columns.end; ++j_, ++tap) { \
        const int32_t at = thimble_wrap(tap_row_ + tap_column_, (taps)->size);          \
        BODY;                                                                           \
        tap_column_ = thimble_wrap(tap_column_ + (taps)->column_step, (taps)->circle);  \
      }                                                                                 \
      tap_row_ = thimble_wrap(tap_row_ + (taps)->row_step, (taps)->size);               \
    }                                                                                   \
  } while (0)

#endif
