#include "thimble_fixed_point.h"
#include "thimble_pool.h"

/* One channel of one pixel; rows begin again at `end`. */
static int16_t pool(const thimble_pool_params *p, const int16_t *x, const int16_t *end, int32_t rows,
                    int32_t columns) {
  int16_t value = INT16_MIN;
  for (int32_t i = 0; i < rows; ++i, x += p->input.row_step) {
    if (x >= end) x -= p->input.size;
    const int16_t *xt = x;
    for (int32_t j = 0; j < columns; ++j, xt += p->input.pixel_step) value = *xt > value ? *xt : value;
  }
  return (int16_t)thimble_clamp(value, p->minimum, p->maximum);
}

void thimble_max_pool_2d_s16(const thimble_pool_params *p, const thimble_tile *tile, const int16_t *input,
                             int16_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t channels = tile->channel_end - tile->channel;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      const thimble_taps rows =
          thimble_clip(r * m->stride_rows - m->padding_top, 1, m->filter_rows, m->input_rows);
      const int16_t *const row =
          input + rows.first * p->input.row_step % p->input.size + tile->channel % p->input.pixel_step;
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_taps columns =
            thimble_clip(c * m->stride_columns - m->padding_left, 1, m->filter_columns, m->input_columns);
        const int16_t *const x = row + columns.first * p->input.pixel_step;
        int16_t *const y = output + line.at + tile->channel % p->output.pixel_step;
        for (int32_t k = 0; k < channels; ++k) {
          y[k] = pool(p, x + k, input + p->input.size, rows.end - rows.begin, columns.end - columns.begin);
        }
      }
    }
  }
}
