#include "thimble_conv.h"

/* Sum over the taps inside the map of one channel, in the order rows, columns. */
static uint64_t sum_taps(const thimble_window *m, const int16_t *x, const int8_t *w, int32_t rows,
                         int32_t columns) {
  uint64_t sum = 0;
  for (int32_t i = 0; i < rows; ++i) {
    const int16_t *xt = x + i * m->dilation_rows * m->input_columns * m->input_channels;
    const int8_t *wt = w + i * m->filter_columns * m->output_channels;
    for (int32_t j = 0; j < columns; ++j) {
      sum += (uint64_t)((int64_t)*xt * *wt);
      xt += m->dilation_columns * m->input_channels;
      wt += m->output_channels;
    }
  }
  return sum;
}

void thimble_depthwise_conv_2d_s16(const thimble_depthwise_conv_2d_s16_params *p, const int16_t *input,
                                   int16_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t multiplier = m->output_channels / m->input_channels;
  const int32_t row_length = m->input_columns * m->input_channels;
  for (int32_t b = 0; b < m->batches; ++b, input += m->input_rows * row_length) {
    for (int32_t r = 0; r < m->output_rows; ++r) {
      const thimble_taps rows =
          thimble_clip(r * m->stride_rows - m->padding_top, m->dilation_rows, m->filter_rows, m->input_rows);
      for (int32_t c = 0; c < m->output_columns; ++c) {
        const thimble_taps columns = thimble_clip(c * m->stride_columns - m->padding_left,
                                                  m->dilation_columns, m->filter_columns, m->input_columns);
        const int16_t *x = input + rows.first * row_length + columns.first * m->input_channels;
        const int8_t *const w =
            p->weights + (rows.begin * m->filter_columns + columns.begin) * m->output_channels;
        for (int32_t o = 0; o < m->output_channels; ++x) {
          for (const int32_t end = o + multiplier; o < end; ++o) {
            const uint64_t sum = sum_taps(m, x, w + o, rows.end - rows.begin, columns.end - columns.begin);
            *output++ = (int16_t)thimble_scaled_wide(&p->scale, o, sum + (uint64_t)p->bias[o], p->narrow);
          }
        }
      }
    }
  }
}
