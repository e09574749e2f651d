/* Where the taps of an output pixel of a depthwise convolution begin, for thimble_taps_s8. */
#ifndef THIMBLE_TAP_LIST_H
#define THIMBLE_TAP_LIST_H

#include "thimble_map.h"
#include "thimble_pairs.h"
#include "thimble_spans.h"
#include "thimble_window.h"

/* Lists the taps of a pixel: where their channels begin. Those at borders, and of pixels whose rows go on at the
 * beginning of memory: */
static void thimble_list_any_taps(const thimble_window *m, const thimble_map *map, const thimble_span *rows,
                                  const thimble_span *columns, const thimble_tap_layer *layer, uint32_t *list) {
  const uint32_t outside = thimble_tap_outside(layer);
  const int32_t right = m->dilation_columns * map->pixel_step;
  const int32_t down = m->dilation_rows * map->row_step;
  const int32_t circle = map->columns * map->pixel_step; /* 0 in a FIFO */
  int32_t row = rows->at;
  for (int32_t i = 0; i < m->filter_rows; ++i) {
    int32_t j = 0;
    if (i >= rows->begin && i < rows->end) {
      int32_t column = columns->at;
      for (; j < columns->begin; ++j) *list++ = outside;
      for (; j < columns->end; ++j) {
        *list++ = thimble_tap_input(layer, layer->inputs + thimble_element(map, row, column));
        column += right;
        if (circle > 0 && column >= circle) column %= circle;
      }
      row += down;
      if (row >= map->size) row %= map->size;
    }
    for (; j < m->filter_columns; ++j) *list++ = outside;
  }
}

/* Most pixels have all taps, and the taps of a row in one place. */
static inline void thimble_list_taps(const thimble_window *m, const thimble_map *map, const thimble_span *rows,
                                     const thimble_span *columns, const thimble_tap_layer *layer, uint32_t *list) {
  const int32_t size = map->size;
  const int32_t right = m->dilation_columns * map->pixel_step;
  const int32_t down = m->dilation_rows * map->row_step;
  const int32_t last = (m->filter_columns - 1) * right;
  const int32_t room = map->columns == 0 ? size : map->columns * map->pixel_step - columns->at;
  uint32_t *next = list;
  int32_t row = rows->at;
  int32_t left = m->filter_rows;
  if (rows->end - rows->begin == left && columns->end - columns->begin == m->filter_columns && last < room) {
    for (; left > 0; --left) {
      const int32_t at = thimble_element(map, row, columns->at);
      uint32_t tap = thimble_tap_input(layer, layer->inputs + at);
      if (at + last >= size) break;
      for (int32_t j = m->filter_columns; j > 0; --j, tap += (uint32_t)right) *next++ = tap;
      row += down;
      if (row >= size) row %= size;
    }
  }
  if (left > 0) thimble_list_any_taps(m, map, rows, columns, layer, list);
}

/* Pixels first .. end - 1 of a row have all taps, and each lies a step, `by`, behind that of its neighbour; circular memory
 * goes on `circle` before `wrap`. */
typedef struct {
  int32_t first, end;
  uint32_t by, wrap, circle;
} thimble_tap_run;

static inline thimble_tap_run thimble_tap_run_of(const thimble_window *m, const thimble_map *map, const thimble_span *rows,
                                                 const thimble_tap_layer *layer) {
  const int32_t last = (m->filter_columns - 1) * m->dilation_columns;
  const int32_t fifo = map->columns == 0;
  thimble_tap_run run;
  run.first = (m->padding_left + m->stride_columns - 1) / m->stride_columns;
  run.end = m->input_columns + m->padding_left - last;
  run.end = run.end > 0 ? (run.end - 1) / m->stride_columns + 1 : 0;
  if (rows->end - rows->begin != m->filter_rows || (!fifo && map->columns != m->input_columns)) run.end = 0;
  run.by = (uint32_t)(m->stride_columns * map->pixel_step);
  run.circle = (uint32_t)map->size;
  run.wrap = fifo ? thimble_tap_input(layer, layer->inputs) + run.circle : 0xFFFFFFFFu;
  return run;
}

static inline void thimble_move_taps(const thimble_tap_run *run, int32_t count, uint32_t *list) {
  const uint32_t by = run->by, wrap = run->wrap, circle = run->circle;
  for (uint32_t *const end = list + count; list < end; ++list) {
    const uint32_t tap = *list + by;
    *list = tap >= wrap ? tap - circle : tap;
  }
}

#endif
