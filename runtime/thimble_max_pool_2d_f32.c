#include "thimble_float.h"
#include "thimble_pool.h"

static float pool(const thimble_pool_f32_params *p, const float *x, int32_t rows, int32_t columns) {
  const int32_t channels = p->window.input_channels;
  float largest = -FLT_MAX;
  for (int32_t i = 0; i < rows; ++i) {
    const float *xt = x + i * p->window.input_columns * channels;
    for (int32_t j = 0; j < columns; ++j, xt += channels) largest = *xt > largest ? *xt : largest;
  }
  return thimble_clamp_f32(largest, p->minimum, p->maximum);
}

void thimble_max_pool_2d_f32(const thimble_pool_f32_params *p, const float *input, float *output) {
  const thimble_window *const m = &p->window;
  const int32_t row_length = m->input_columns * m->input_channels;
  for (int32_t b = 0; b < m->batches; ++b, input += m->input_rows * row_length) {
    for (int32_t r = 0; r < m->output_rows; ++r) {
      const thimble_taps rows =
          thimble_clip(r * m->stride_rows - m->padding_top, 1, m->filter_rows, m->input_rows);
      for (int32_t c = 0; c < m->output_columns; ++c) {
        const thimble_taps columns =
            thimble_clip(c * m->stride_columns - m->padding_left, 1, m->filter_columns, m->input_columns);
        const float *x = input + rows.first * row_length + columns.first * m->input_channels;
        for (int32_t k = 0; k < m->output_channels; ++k) {
          *output++ = pool(p, x + k, rows.end - rows.begin, columns.end - columns.begin);
        }
      }
    }
  }
}
