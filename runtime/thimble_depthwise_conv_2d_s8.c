#include "thimble_conv.h"

/* One output channel of one pixel: x and w are its first tap inside the map. */
static uint32_t sum_1(const thimble_window *m, const int8_t *x, const int8_t *w, int32_t rows,
                      int32_t columns, int32_t offset, uint32_t sum) {
  const int32_t step_x = m->dilation_columns * m->input_channels;
  const int32_t row_x = m->dilation_rows * m->input_columns * m->input_channels;
  const int32_t row_w = m->filter_columns * m->output_channels;
  for (int32_t i = 0; i < rows; ++i, x += row_x, w += row_w) {
    const int8_t *xt = x;
    const int8_t *wt = w;
    for (int32_t j = 0; j < columns; ++j, xt += step_x, wt += m->output_channels) {
      sum += (uint32_t)((*xt + offset) * *wt);
    }
  }
  return sum;
}

/* Four neighbouring channels, each reading its own input channel, share the walk over the taps. */
static void sum_4(const thimble_window *m, const int8_t *x, const int8_t *w, int32_t rows, int32_t columns,
                  int32_t offset, uint32_t sums[4]) {
  const int32_t step_x = m->dilation_columns * m->input_channels;
  const int32_t row_x = m->dilation_rows * m->input_columns * m->input_channels;
  const int32_t row_w = m->filter_columns * m->output_channels;
  uint32_t sum0 = sums[0], sum1 = sums[1], sum2 = sums[2], sum3 = sums[3];
  for (int32_t i = 0; i < rows; ++i, x += row_x, w += row_w) {
    const int8_t *xt = x;
    const int8_t *wt = w;
    for (int32_t j = 0; j < columns; ++j, xt += step_x, wt += m->output_channels) {
      sum0 += (uint32_t)((xt[0] + offset) * wt[0]);
      sum1 += (uint32_t)((xt[1] + offset) * wt[1]);
      sum2 += (uint32_t)((xt[2] + offset) * wt[2]);
      sum3 += (uint32_t)((xt[3] + offset) * wt[3]);
    }
  }
  sums[0] = sum0;
  sums[1] = sum1;
  sums[2] = sum2;
  sums[3] = sum3;
}

static void pixel(const thimble_depthwise_conv_2d_s8_params *p, const int8_t *x, const int8_t *w,
                  int32_t rows, int32_t columns, int8_t *y) {
  const thimble_window *const m = &p->window;
  const int32_t multiplier = m->output_channels / m->input_channels;
  int32_t o = 0;
  if (multiplier == 1) {
    for (; o + 4 <= m->output_channels; o += 4, x += 4) {
      uint32_t sums[4];
      for (int32_t k = 0; k < 4; ++k) sums[k] = (uint32_t)p->bias[o + k];
      sum_4(m, x, w + o, rows, columns, p->input_offset, sums);
      for (int32_t k = 0; k < 4; ++k) y[o + k] = (int8_t)thimble_scaled(&p->scale, o + k, (int32_t)sums[k]);
    }
  }
  for (; o < m->output_channels; ++x) {
    for (const int32_t end = o + multiplier; o < end; ++o) {
      const uint32_t sum = sum_1(m, x, w + o, rows, columns, p->input_offset, (uint32_t)p->bias[o]);
      y[o] = (int8_t)thimble_scaled(&p->scale, o, (int32_t)sum);
    }
  }
}

void thimble_depthwise_conv_2d_s8(const thimble_depthwise_conv_2d_s8_params *p, const int8_t *input,
                                  int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t row_bytes = m->input_columns * m->input_channels;
  for (int32_t b = 0; b < m->batches; ++b, input += m->input_rows * row_bytes) {
    for (int32_t r = 0; r < m->output_rows; ++r) {
      const thimble_taps rows =
          thimble_clip(r * m->stride_rows - m->padding_top, m->dilation_rows, m->filter_rows, m->input_rows);
      for (int32_t c = 0; c < m->output_columns; ++c, output += m->output_channels) {
        const thimble_taps columns = thimble_clip(c * m->stride_columns - m->padding_left,
                                                  m->dilation_columns, m->filter_columns, m->input_columns);
        const int8_t *const x = input + rows.first * row_bytes + columns.first * m->input_channels;
        const int8_t *const w =
            p->weights + (rows.begin * m->filter_columns + columns.begin) * m->output_channels;
        pixel(p, x, w, rows.end - rows.begin, columns.end - columns.begin, output);
      }
    }
  }
}
