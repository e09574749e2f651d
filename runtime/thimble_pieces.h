/* The inputs of an output pixel of a convolution in the order of the filter's taps, piece by piece of what lies
 * together in circular memory. */
#ifndef THIMBLE_PIECES_H
#define THIMBLE_PIECES_H

#include "thimble_dsp.h"
#include "thimble_seldom.h"
#include "thimble_spans.h"

/* Takes `count` inputs at x, more than 0; `outside`: from the zero points, not from the map. */
typedef void thimble_piece_taker(void *to, const int8_t *x, int32_t count, int32_t outside);

/* Most pixels need no such care, and those that do make many pieces.
 *
 * Neighbouring taps only. Taps outside the map read `zeros`: zero points, as many as a filter row has taps and
 * channels. */
static THIMBLE_SELDOM void thimble_for_pieces(const thimble_window *m, const thimble_map *map, const thimble_span *rows,
                                      const thimble_span *columns, const int8_t *input, const int8_t *zeros,
                                      thimble_piece_taker *take, void *to) {
  const int32_t depth = m->input_channels;
  const int32_t length = m->filter_columns * depth;
  const int32_t left = columns->begin * depth;
  const int32_t inside = (columns->end - columns->begin) * depth;
  const int32_t right = length - left - inside;
  const int32_t down = m->dilation_rows * map->row_step;
  /* Where memory goes on at another place: behind its end, or behind that of the row. */
  const int32_t fifo = map->columns == 0;
  const int32_t room = map->columns * map->pixel_step - columns->at;
  int32_t row = rows->at;
  for (int32_t i = 0; i < m->filter_rows; ++i) {
    if (i < rows->begin || i >= rows->end) {
      take(to, zeros, length, 1);
      continue;
    }
    {
      const int32_t at = thimble_element(map, row, columns->at);
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

/* Bytes of a pixel, filter row by filter row, each filled up with zeros to `row_depth`. */
typedef struct {
  int8_t *next;
  int32_t left; /* of the present row */
  int32_t length, row_depth;
} thimble_rows_copy;

static void thimble_take_bytes(void *to, const int8_t *x, int32_t count, int32_t outside) {
  thimble_rows_copy *const copy = (thimble_rows_copy *)to;
  (void)outside;
  copy->left -= count;
  for (; count > 0; --count) *copy->next++ = *x++;
  if (copy->left > 0) return;
  copy->left = copy->length;
  for (int32_t i = copy->length; i < copy->row_depth; ++i) *copy->next++ = 0;
}

/* All inputs of a pixel as bytes. */
static THIMBLE_SELDOM void thimble_copy_pixel(const thimble_window *m, const thimble_map *map, const thimble_span *rows,
                                      const thimble_span *columns, int32_t row_depth, const int8_t *input,
                                      const int8_t *zeros, int8_t *to) {
  thimble_rows_copy copy;
  copy.next = to;
  copy.length = copy.left = m->filter_columns * m->input_channels;
  copy.row_depth = row_depth;
  thimble_for_pieces(m, map, rows, columns, input, zeros, thimble_take_bytes, &copy);
}

/* Whether the taps of each filter row are all inside the map and in one place, up to where memory ends. */
static inline int32_t thimble_is_plain(const thimble_window *m, const thimble_map *map, const thimble_span *columns) {
  if (columns->end - columns->begin != m->filter_columns) return 0;
  return map->columns == 0 || columns->at + m->filter_columns * map->pixel_step <= map->columns * map->pixel_step;
}

#endif
