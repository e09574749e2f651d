/* The walk over the taps of a window in circular memory: for maps whose columns fold too. */
#ifndef THIMBLE_TAPS_H
#define THIMBLE_TAPS_H

#include "thimble_map.h"
#include "thimble_window.h"

/* Element positions of tap (i, j) of an output pixel: rows in steps of `row_step` modulo `size`, columns in
 * steps of `column_step` modulo `circle`. Tap (0, 0) may lie outside the map; then so do its positions'
 * contents, and only taps within `rows` and `columns` are looked at. */
typedef struct {
  thimble_taps rows, columns;
  int32_t row, row_step, size;
  int32_t column, column_step, circle, pixel_step;
} thimble_folded;

static inline thimble_folded thimble_folded_begin(const thimble_window *m, const thimble_map *map) {
  thimble_folded taps;
  taps.rows = taps.columns = thimble_clip(0, 1, 0, 0);
  taps.row = taps.column = 0;
  taps.size = map->size;
  taps.circle = thimble_circle(map);
  taps.row_step = m->dilation_rows * map->row_step % taps.size;
  taps.column_step = m->dilation_columns * map->pixel_step % taps.circle;
  taps.pixel_step = map->pixel_step;
  return taps;
}

static inline void thimble_folded_row(thimble_folded *taps, const thimble_window *m, const thimble_map *map,
                                      int32_t row) {
  const int32_t origin = row * m->stride_rows - m->padding_top;
  taps->rows = thimble_clip(origin, m->dilation_rows, m->filter_rows, m->input_rows);
  taps->row = thimble_modulo(origin * map->row_step, taps->size);
}

static inline void thimble_folded_column(thimble_folded *taps, const thimble_window *m, int32_t column) {
  const int32_t origin = column * m->stride_columns - m->padding_left;
  taps->columns = thimble_clip(origin, m->dilation_columns, m->filter_columns, m->input_columns);
  taps->column = thimble_modulo(origin * taps->pixel_step, taps->circle);
}

/* Runs BODY for every tap inside the map, in the order rows, columns: `at` is its element, `tap` its number
 * in the filter. */
#define THIMBLE_FOR_TAPS(taps, m, at, tap, BODY)                                         \
  do {                                                                                   \
    int32_t tap_row_ = (taps)->row;                                                      \
    for (int32_t i_ = 0; i_ < (taps)->rows.end; ++i_) {                                  \
      int32_t tap_column_ = (taps)->column;                                              \
      for (int32_t j_ = 0; i_ >= (taps)->rows.begin && j_ < (taps)->columns.end; ++j_) { \
        const int32_t at = thimble_wrap(tap_row_ + tap_column_, (taps)->size);           \
        const int32_t tap = i_ * (m)->filter_columns + j_;                               \
        if (j_ >= (taps)->columns.begin) BODY;                                           \
        tap_column_ = thimble_wrap(tap_column_ + (taps)->column_step, (taps)->circle);   \
      }                                                                                  \
      tap_row_ = thimble_wrap(tap_row_ + (taps)->row_step, (taps)->size);                \
    }                                                                                    \
  } while (0)

#endif
