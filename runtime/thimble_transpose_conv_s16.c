#include "thimble_small_stack.h"
#include "thimble_sources.h"

static uint64_t sum_products(const thimble_conv_2d_s16_params *p, const thimble_sources *rows,
                             const thimble_sources *columns, const int16_t *x, const int8_t *w) {
  const thimble_window *const m = &p->window;
  const int32_t depth = p->filter_channels;
  uint64_t sum = 0;
  if (columns->begin >= columns->end) return sum;
  for (int32_t i = rows->begin; i < rows->end; ++i) {
    thimble_line line = thimble_line_at(&p->input, i, columns->begin);
    int32_t tap = (rows->tap - (i - rows->begin) * m->stride_rows) * m->filter_columns + columns->tap;
    for (int32_t j = columns->begin; j < columns->end;
         ++j, tap -= m->stride_columns, thimble_line_next(&line)) {
      const int16_t *const pixel = x + line.at;
      const int8_t *const wt = w + tap * depth;
      for (int32_t k = 0; k < depth; ++k) sum += (uint64_t)((int64_t)pixel[k] * wt[k]);
    }
  }
  return sum;
}

void thimble_transpose_conv_s16(const thimble_conv_2d_s16_params *p, const thimble_tile *tile,
                                const int16_t *input, int16_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t step = m->filter_rows * m->filter_columns * p->filter_channels;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      const thimble_sources rows = thimble_source_rows(m, r);
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_sources columns = thimble_source_columns(m, c);
        int16_t *const y = output + line.at + first_channel;
        for (int32_t o = tile->channel; o < tile->channel_end; ++o) {
          const uint64_t sum = sum_products(p, &rows, &columns, input, p->weights + o * step);
          y[o] = (int16_t)thimble_scaled_wide(&p->scale, o, sum + (uint64_t)p->bias[o], p->narrow);
        }
      }
    }
  }
}
