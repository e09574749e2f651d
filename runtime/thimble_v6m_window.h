/* Convolutions on Armv6-M, four output channels at a time. */
#ifndef THIMBLE_V6M_WINDOW_H
#define THIMBLE_V6M_WINDOW_H

#include "thimble_map.h"
#include "thimble_v6m.h"
#include "thimble_window.h"

#ifdef THIMBLE_V6M

/* Whether a filter row is one run of taps in the input's memory, which may go on at its begin. */
static inline int32_t thimble_v6m_takes(const thimble_window *m, const thimble_map *input) {
  const int32_t columns = m->filter_columns < m->input_columns ? m->filter_columns : m->input_columns;
  return m->batches == 1 && m->dilation_columns == 1 &&
         (input->columns == 0 || input->columns == m->input_columns) &&
         (m->filter_rows == 1 || m->input_rows == 1 ||
          columns * input->pixel_step <= m->dilation_rows * input->row_step % input->size);
}

/* Makes a tile with the filter, offset and scale that `job` has, from its x to its y. Its step_x is 0 for a
 * convolution of all channels, the input's pixel_step where each output channel reads an input channel of its
 * own. */
void thimble_v6m_window(thimble_v6m_job *job, const thimble_window *m, const thimble_map *from,
                        const thimble_map *to, const thimble_tile *tile);

#endif

#endif
