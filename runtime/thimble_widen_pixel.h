/* The inputs of an output pixel of a convolution as halfwords, filter row by filter row. */
#ifndef THIMBLE_WIDEN_PIXEL_H
#define THIMBLE_WIDEN_PIXEL_H

#include "thimble_conv.h"
#include "thimble_pieces.h"
#include "thimble_widen.h"

typedef struct {
  thimble_widener *widen;
  uint32_t *next;
} thimble_widened;

static void thimble_take_wide(void *to, const int8_t *x, int32_t count, int32_t outside) {
  thimble_widened *const wide = (thimble_widened *)to;
  (void)outside;
  wide->next = wide->widen(x, count, wide->next);
}

/* Whatever they are. `copy`: room for all of them, where pixels are no fours. */
static THIMBLE_SELDOM void thimble_widen_pieces(const thimble_conv_2d_pairs_s8_params *p, const thimble_span *rows,
                                                const thimble_span *columns, const int8_t *input,
                                                thimble_widener *widen, uint32_t *to, int8_t *copy) {
  const thimble_window *const m = &p->window;
  if (m->input_channels % 4 == 0) {
    thimble_widened wide;
    wide.widen = widen;
    wide.next = to;
    thimble_for_pieces(m, &p->input, rows, columns, input, p->outside, thimble_take_wide, &wide);
    return;
  }
  thimble_copy_pixel(m, &p->input, rows, columns, p->row_depth, input, p->outside, copy);
  widen(copy, m->filter_rows * p->row_depth, to);
}

/* Where a filter row begins that is in one place with `behind` bytes after it, in the map or outside; null where it is
 * not. `row` goes on to the next one. */
static inline const int8_t *thimble_find_row(const thimble_conv_2d_pairs_s8_params *p, const thimble_span *rows,
                                             const thimble_span *columns, const int8_t *input, int32_t i,
                                             int32_t behind, int32_t *row) {
  const int32_t size = p->input.size;
  int32_t at;
  if (i < rows->begin || i >= rows->end) return p->outside;
  at = thimble_element(&p->input, *row, columns->at);
  if (at + behind > size) return 0;
  *row += p->window.dilation_rows * p->input.row_step;
  if (*row >= size) *row %= size;
  return input + at;
}

static inline void thimble_widen_pixel(const thimble_conv_2d_pairs_s8_params *p, const thimble_span *rows,
                                       const thimble_span *columns, const int8_t *input, thimble_widener *widen,
                                       uint32_t *to, int8_t *copy) {
  uint32_t *next = to;
  int32_t row = rows->at;
  int32_t i = thimble_is_plain(&p->window, &p->input, columns) ? 0 : -1;
  for (; i >= 0 && i < p->window.filter_rows; ++i) {
    const int8_t *const x = thimble_find_row(p, rows, columns, input, i, p->row_depth, &row);
    if (x == 0) break;
    next = widen(x, p->row_depth, next);
  }
  if (i < p->window.filter_rows) thimble_widen_pieces(p, rows, columns, input, widen, to, copy);
}

#endif
