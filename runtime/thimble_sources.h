/* Which inputs reach an output of a transposed convolution. */
#ifndef THIMBLE_SOURCES_H
#define THIMBLE_SOURCES_H

#include "thimble_transpose_conv.h"

/* Inputs begin .. end - 1 along one axis; `tap` is the filter's for the first of them, each further one has
 * one `stride` less. */
typedef struct {
  int32_t begin, end, tap;
} thimble_sources;

/* `at`: the output's index with the padding before it.
 *
 *   at 4, filter 3, stride 2, 7 inputs:   inputs 1 and 2, by taps 2 and 0
 */
static inline thimble_sources thimble_sources_of(int32_t at, int32_t filter, int32_t stride, int32_t inputs) {
  thimble_sources found;
  found.begin = at < filter ? 0 : (at - filter) / stride + 1;
  found.end = at / stride + 1;
  if (found.end > inputs) found.end = inputs;
  found.tap = at - found.begin * stride;
  return found;
}

static inline thimble_sources thimble_source_rows(const thimble_window *m, int32_t row) {
  return thimble_sources_of(row + m->padding_top, m->filter_rows, m->stride_rows, m->input_rows);
}

static inline thimble_sources thimble_source_columns(const thimble_window *m, int32_t column) {
  return thimble_sources_of(column + m->padding_left, m->filter_columns, m->stride_columns, m->input_columns);
}

#endif
