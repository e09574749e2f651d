#include "thimble_clamp_s8.h"
#include "thimble_largest_s8.h"
#include "thimble_pool.h"

/* One pixel: `rows` of `columns` taps; rows begin again at `end`. */
static void pool(const thimble_pool_params *p, const int8_t *x, const int8_t *end, int32_t rows,
                 int32_t columns, int32_t channels, int8_t *y) {
  const int8_t *largest = x;
  for (int32_t i = 0; i < rows; ++i, x += p->input.row_step) {
    if (x >= end) x -= p->input.size;
    const int8_t *xt = x;
    for (int32_t j = 0; j < columns; ++j, xt += p->input.pixel_step, largest = y)
      thimble_larger_s8(channels, xt, largest, y);
  }
  thimble_clamp_s8(channels, p->minimum, p->maximum, y);
}

void thimble_max_pool_2d_s8(const thimble_pool_params *p, const thimble_tile *tile, const int8_t *input,
                            int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t channels = tile->channel_end - tile->channel;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      const thimble_taps rows =
          thimble_clip(r * m->stride_rows - m->padding_top, 1, m->filter_rows, m->input_rows);
      const int8_t *const row =
          input + rows.first * p->input.row_step % p->input.size + tile->channel % p->input.pixel_step;
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_taps columns =
            thimble_clip(c * m->stride_columns - m->padding_left, 1, m->filter_columns, m->input_columns);
        pool(p, row + columns.first * p->input.pixel_step, input + p->input.size, rows.end - rows.begin,
             columns.end - columns.begin, channels, output + line.at + tile->channel % p->output.pixel_step);
      }
    }
  }
}
