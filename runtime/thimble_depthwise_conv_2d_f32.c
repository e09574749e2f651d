#include "thimble_small_stack.h"

#include "thimble_conv.h"
#include "thimble_float.h"

/* Sum over the taps inside the map of one channel, in the order rows, columns; rows begin again at `end`. */
static float sum_taps(const thimble_depthwise_conv_2d_f32_params *p, const float *x, const float *end,
                      const float *w, int32_t rows, int32_t columns) {
  const thimble_window *const m = &p->window;
  float sum = 0.0f;
  for (int32_t i = 0; i < rows; ++i, x += m->dilation_rows * p->input.row_step) {
    if (x >= end) x -= p->input.size;
    const float *xt = x;
    const float *wt = w + i * m->filter_columns * m->output_channels;
    for (int32_t j = 0; j < columns; ++j) {
      sum += *xt * *wt;
      xt += m->dilation_columns * p->input.pixel_step;
      wt += m->output_channels;
    }
  }
  return sum;
}

void thimble_depthwise_conv_2d_f32(const thimble_depthwise_conv_2d_f32_params *p, const thimble_tile *tile,
                                   const float *input, float *output) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  const int32_t first_input = tile->channel / p->multiplier;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      const thimble_taps rows =
          thimble_clip(r * m->stride_rows - m->padding_top, m->dilation_rows, m->filter_rows, m->input_rows);
      const float *const row =
          input + rows.first * p->input.row_step % p->input.size + first_input % p->input.pixel_step;
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_taps columns = thimble_clip(c * m->stride_columns - m->padding_left,
                                                  m->dilation_columns, m->filter_columns, m->input_columns);
        const float *const x = row + columns.first * p->input.pixel_step;
        const float *const w =
            p->weights + (rows.begin * m->filter_columns + columns.begin) * m->output_channels;
        for (int32_t o = tile->channel; o < tile->channel_end; ++o) {
          const float sum = sum_taps(p, x + (o / p->multiplier - first_input), input + p->input.size, w + o,
                                     rows.end - rows.begin, columns.end - columns.begin);
          output[line.at + first_channel + o] = thimble_clamp_f32(sum + p->bias[o], p->minimum, p->maximum);
        }
      }
    }
  }
}
