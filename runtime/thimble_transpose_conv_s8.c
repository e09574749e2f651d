#include "thimble_dot_s8.h"
#include "thimble_sources.h"

/* Adds the products of all inputs to one output channel, or to four whose weights are `step` apart. */
static void add_products(const thimble_conv_2d_s8_params *p, const thimble_sources *rows,
                         const thimble_sources *columns, const int8_t *x, const int8_t *w, int32_t step,
                         uint32_t sums[4]) {
  const thimble_window *const m = &p->window;
  const int32_t depth = p->filter_channels;
  if (columns->begin >= columns->end) return;
  for (int32_t i = rows->begin; i < rows->end; ++i) {
    thimble_line line = thimble_line_at(&p->input, i, columns->begin);
    int32_t tap = (rows->tap - (i - rows->begin) * m->stride_rows) * m->filter_columns + columns->tap;
    for (int32_t j = columns->begin; j < columns->end;
         ++j, tap -= m->stride_columns, thimble_line_next(&line)) {
      if (step != 0) {
        thimble_dot4_s8(x + line.at, w + tap * depth, step, depth, p->input_offset, sums);
      } else {
        sums[0] = thimble_dot_s8(x + line.at, w + tap * depth, depth, p->input_offset, sums[0]);
      }
    }
  }
}

void thimble_transpose_conv_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                               const int8_t *input, int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t step = m->filter_rows * m->filter_columns * p->filter_channels;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      const thimble_sources rows = thimble_source_rows(m, r);
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_sources columns = thimble_source_columns(m, c);
        int8_t *const y = output + line.at + first_channel;
        for (int32_t o = tile->channel; o < tile->channel_end;) {
          const int32_t together = o + 4 <= tile->channel_end ? 4 : 1;
          uint32_t sums[4];
          for (int32_t i = 0; i < together; ++i) sums[i] = (uint32_t)p->bias[o + i];
          add_products(p, &rows, &columns, input, p->weights + o * step, together == 4 ? step : 0, sums);
          for (int32_t i = 0; i < together; ++i, ++o)
            y[o] = (int8_t)thimble_scaled(&p->scale, o, (int32_t)sums[i]);
        }
      }
    }
  }
}
