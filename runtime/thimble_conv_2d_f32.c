#include "thimble_conv.h"
#include "thimble_float.h"

/* Sum over the taps inside the map, in the order rows, columns, channels. */
static float sum_taps(const thimble_conv_2d_f32_params *p, const float *x, const float *w, int32_t rows,
                      int32_t columns) {
  const thimble_window *const m = &p->window;
  float sum = 0.0f;
  for (int32_t i = 0; i < rows; ++i) {
    const float *xr = x + i * m->dilation_rows * m->input_columns * m->input_channels;
    const float *wt = w + i * m->filter_columns * p->filter_channels;
    for (int32_t j = 0; j < columns; ++j, xr += m->dilation_columns * m->input_channels) {
      for (int32_t k = 0; k < p->filter_channels; ++k) sum += xr[k] * *wt++;
    }
  }
  return sum;
}

void thimble_conv_2d_f32(const thimble_conv_2d_f32_params *p, const float *input, float *output) {
  const thimble_window *const m = &p->window;
  const int32_t depth = p->filter_channels;
  const int32_t groups = m->input_channels / depth;
  const int32_t group_outputs = m->output_channels / groups;
  const int32_t row_length = m->input_columns * m->input_channels;
  const int32_t stride = m->filter_rows * m->filter_columns * depth;
  for (int32_t b = 0; b < m->batches; ++b, input += m->input_rows * row_length) {
    for (int32_t r = 0; r < m->output_rows; ++r) {
      const thimble_taps rows =
          thimble_clip(r * m->stride_rows - m->padding_top, m->dilation_rows, m->filter_rows, m->input_rows);
      for (int32_t c = 0; c < m->output_columns; ++c) {
        const thimble_taps columns = thimble_clip(c * m->stride_columns - m->padding_left,
                                                  m->dilation_columns, m->filter_columns, m->input_columns);
        const float *x = input + rows.first * row_length + columns.first * m->input_channels;
        const float *w = p->weights + (rows.begin * m->filter_columns + columns.begin) * depth;
        for (int32_t o = 0; o < m->output_channels; ++o, w += stride) {
          const float *const xg = x + o / group_outputs * depth;
          const float sum = sum_taps(p, xg, w, rows.end - rows.begin, columns.end - columns.begin);
          *output++ = thimble_clamp_f32(sum + p->bias[o], p->minimum, p->maximum);
        }
      }
    }
  }
}
