/* The inputs of an output pixel of a convolution in the order of the filter's taps, piece by piece of what lies
 * together in circular memory. */
#ifndef THIMBLE_PIECES_H
#define THIMBLE_PIECES_H

#include "thimble_dsp.h"
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

/* Takes `count` inputs at x, more than 0; `outside`: from the zero points, not from the map. */
typedef void thimble_piece_taker(void *to, const int8_t *x, int32_t count, int32_t outside);

/* Neighbouring taps only. Taps outside the map read `zeros`: zero points, as many as a filter row has taps and
 * channels. */
static inline void thimble_for_pieces(const thimble_window *m, const thimble_map *map, thimble_span rows,
                                      thimble_span columns, const int8_t *input, const int8_t *zeros,
                                      thimble_piece_taker *take, void *to) {
  const int32_t depth = m->input_channels;
  const int32_t length = m->filter_columns * depth;
  const int32_t left = columns.begin * depth;
  const int32_t inside = (columns.end - columns.begin) * depth;
  const int32_t right = length - left - inside;
  const int32_t down = m->dilation_rows * map->row_step;
  /* Where memory goes on at another place: behind its end, or behind that of the row. */
  const int32_t fifo = map->columns == 0;
  const int32_t room = map->columns * map->pixel_step - columns.at;
  int32_t row = rows.at;
  for (int32_t i = 0; i < m->filter_rows; ++i) {
    if (i < rows.begin || i >= rows.end) {
      take(to, zeros, length, 1);
      continue;
    }
    {
      const int32_t at = thimble_element(map, row, columns.at);
      const int32_t straight = fifo ? map->size - at : room;
      if (left > 0) take(to, zeros, left, 1);
      if (inside <= straight) {
        if (inside > 0) take(to, input + at, inside, 0);
      } else {
        take(to, input + at, straight, 0);
        take(to, input + (fifo ? 0 : row), inside - straight, 0);
      }
      if (right > 0) take(to, zeros, right, 1);
    }
    row += down;
    if (row >= map->size) row %= map->size;
  }
}

static inline void thimble_copy4(int8_t *to, const int8_t *from) {
#ifdef THIMBLE_DSP
  const uint32_t bytes = thimble_load4(from);
  __builtin_memcpy(to, &bytes, 4);
#else
  to[0] = from[0];
  to[1] = from[1];
  to[2] = from[2];
  to[3] = from[3];
#endif
}

/* Copies pieces of any length one behind the other; `to` is where the next byte goes. */
static inline void thimble_take_bytes(void *to, const int8_t *x, int32_t count, int32_t outside) {
  int8_t **const next = (int8_t **)to;
  (void)outside;
  int8_t *y = *next;
  for (; count >= 4; count -= 4, x += 4, y += 4) thimble_copy4(y, x);
  for (; count > 0; --count) *y++ = *x++;
  *next = y;
}

/* All inputs of a pixel as bytes, filled up with zeros to a multiple of 4; returns how many these are. */
static inline int32_t thimble_copy_pixel(const thimble_window *m, const thimble_map *map, thimble_span rows,
                                         thimble_span columns, const int8_t *input, const int8_t *zeros,
                                         int8_t *to) {
  int8_t *next = to;
  thimble_for_pieces(m, map, rows, columns, input, zeros, thimble_take_bytes, &next);
  while ((next - to) % 4 != 0) *next++ = 0;
  return (int32_t)(next - to);
}

#endif
