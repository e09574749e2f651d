/* In the order of the inputs: rows, columns, channels. */
#include "thimble_float.h"
#include "thimble_sources.h"

static float sum_products(const thimble_conv_2d_f32_params *p, const thimble_sources *rows,
                          const thimble_sources *columns, const float *x, const float *w) {
  const thimble_window *const m = &p->window;
  const int32_t depth = p->filter_channels;
  float sum = 0.0f;
  if (columns->begin >= columns->end) return sum;
  for (int32_t i = rows->begin; i < rows->end; ++i) {
    thimble_line line = thimble_line_at(&p->input, i, columns->begin);
    int32_t tap = (rows->tap - (i - rows->begin) * m->stride_rows) * m->filter_columns + columns->tap;
    for (int32_t j = columns->begin; j < columns->end;
         ++j, tap -= m->stride_columns, thimble_line_next(&line)) {
      const float *const pixel = x + line.at;
      const float *const wt = w + tap * depth;
      for (int32_t k = 0; k < depth; ++k) sum += pixel[k] * wt[k];
    }
  }
  return sum;
}

void thimble_transpose_conv_f32(const thimble_conv_2d_f32_params *p, const thimble_tile *tile,
                                const float *input, float *output) {
  const thimble_window *const m = &p->window;
  const int32_t step = m->filter_rows * m->filter_columns * p->filter_channels;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      const thimble_sources rows = thimble_source_rows(m, r);
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_sources columns = thimble_source_columns(m, c);
        float *const y = output + line.at + first_channel;
        for (int32_t o = tile->channel; o < tile->channel_end; ++o) {
          const float sum = sum_products(p, &rows, &columns, input, p->weights + o * step);
          y[o] = thimble_clamp_f32(sum + p->bias[o], p->minimum, p->maximum);
        }
      }
    }
  }
}
