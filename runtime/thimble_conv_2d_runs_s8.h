/* For kernels that leave a part of their work to thimble_conv_2d_runs_s8. */
#ifndef THIMBLE_CONV_2D_RUNS_S8_H
#define THIMBLE_CONV_2D_RUNS_S8_H

#include "thimble_conv.h"

/* Whether it takes a convolution, `sides`: at the sides of the map, too. */
static inline int thimble_conv_has_runs(const thimble_conv_2d_s8_params *p, int sides) {
  const thimble_window *const m = &p->window;
  const int32_t fifo = p->input.columns == 0;
  const int32_t right = (m->output_columns - 1) * m->stride_columns - m->padding_left + m->filter_columns;
  int32_t pieces = 1; /* of a filter row */
  if (p->whole_bias == 0 || p->filter_channels != m->input_channels || p->input.pixel_step != m->input_channels ||
      m->dilation_columns != 1) {
    return 0;
  }
  if (m->filter_rows * m->filter_columns * m->input_channels <= THIMBLE_CONV_RUNS_PATCH) return 1;
  if (!fifo && p->input.columns < m->input_columns) ++pieces;
  if (sides && (m->padding_left > 0 || right > m->input_columns)) {
    pieces += m->filter_columns > m->input_columns + 1 ? 2 : 1;
  }
  return m->filter_rows * pieces + fifo <= THIMBLE_CONV_RUNS;
}

#endif
