/* The inputs of an output pixel of a convolution in the order of the filter's taps, piece by piece of what lies
 * together in circular memory. */
#ifndef THIMBLE_PIECES_H
#define THIMBLE_PIECES_H

#include "thimble_dsp.h"
#include "thimble_taps.h"

/* Takes `count` inputs at x, more than 0; `outside`: from the zero points, not from the map. */
typedef void thimble_piece_taker(void *to, const int8_t *x, int32_t count, int32_t outside);

/* Taps outside the map read `zeros`: zero points, as many as a filter row has taps and channels. */
static inline void thimble_for_pieces(const thimble_window *m, const thimble_map *map, const thimble_folded *taps,
                                      const int8_t *input, const int8_t *zeros, thimble_piece_taker *take, void *to) {
  const int32_t depth = m->input_channels;
  const int32_t length = m->filter_columns * depth;
  const int32_t left = taps->columns.begin * depth;
  const int32_t inside = (taps->columns.end - taps->columns.begin) * depth;
  const int32_t right = length - left - inside;
  int32_t row = taps->row;
  for (int32_t i = 0; i < m->filter_rows; ++i) {
    if (i < taps->rows.begin || i >= taps->rows.end) {
      take(to, zeros, length, 1);
      continue;
    }
    const int32_t at = thimble_wrap(row + taps->column, taps->size);
    const int32_t room = map->columns == 0 ? taps->size - at : taps->circle - taps->column;
    const int32_t straight = inside < room ? inside : room;
    if (left > 0) take(to, zeros, left, 1);
    if (straight > 0) take(to, input + at, straight, 0);
    if (straight < inside) take(to, input + at + room - taps->circle, inside - straight, 0);
    if (right > 0) take(to, zeros, right, 1);
    row = thimble_wrap(row + taps->row_step, taps->size);
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
  for (; count >= 4; count -= 4, x += 4, *next += 4) thimble_copy4(*next, x);
  for (; count > 0; --count) *(*next)++ = *x++;
}

/* All inputs of a pixel as bytes, filled up with zeros to a multiple of 4; returns how many these are. */
static inline int32_t thimble_copy_pixel(const thimble_window *m, const thimble_map *map,
                                         const thimble_folded *taps, const int8_t *input, const int8_t *zeros,
                                         int8_t *to) {
  int8_t *next = to;
  thimble_for_pieces(m, map, taps, input, zeros, thimble_take_bytes, &next);
  while ((next - to) % 4 != 0) *next++ = 0;
  return (int32_t)(next - to);
}

#endif
