#include "thimble_small_stack.h"

#include "thimble_conv.h"

/* Sum over the taps inside the map of one channel, in the order rows, columns; rows begin again at `end`. */
static uint64_t sum_taps(const thimble_depthwise_conv_2d_s16_params *p, const int16_t *x, const int16_t *end,
                         const int8_t *w, int32_t rows, int32_t columns) {
  const thimble_window *const m = &p->window;
  uint64_t sum = 0;
  for (int32_t i = 0; i < rows; ++i, x += m->dilation_rows * p->input.row_step) {
    if (x >= end) x -= p->input.size;
    const int16_t *xt = x;
    const int8_t *wt = w + i * m->filter_columns * m->output_channels;
    for (int32_t j = 0; j < columns; ++j) {
      sum += (uint64_t)((int64_t)*xt * *wt);
      xt += m->dilation_columns * p->input.pixel_step;
      wt += m->output_channels;
    }
  }
  return sum;
}

void thimble_depthwise_conv_2d_s16(const thimble_depthwise_conv_2d_s16_params *p, const thimble_tile *tile,
                                   const int16_t *input, int16_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  const int32_t first_input = tile->channel / p->multiplier;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      const thimble_taps rows =
          thimble_clip(r * m->stride_rows - m->padding_top, m->dilation_rows, m->filter_rows, m->input_rows);
      const int16_t *const row =
          input + rows.first * p->input.row_step % p->input.size + first_input % p->input.pixel_step;
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_taps columns = thimble_clip(c * m->stride_columns - m->padding_left,
                                                  m->dilation_columns, m->filter_columns, m->input_columns);
        const int16_t *const x = row + columns.first * p->input.pixel_step;
        const int8_t *const w =
            p->weights + (rows.begin * m->filter_columns + columns.begin) * m->output_channels;
        for (int32_t o = tile->channel; o < tile->channel_end; ++o) {
          const uint64_t sum = sum_taps(p, x + (o / p->multiplier - first_input), input + p->input.size,
                                        w + o, rows.end - rows.begin, columns.end - columns.begin);
          output[line.at + first_channel + o] =
              (int16_t)thimble_scaled_wide(&p->scale, o, sum + (uint64_t)p->bias[o], p->narrow);
        }
      }
    }
  }
}
