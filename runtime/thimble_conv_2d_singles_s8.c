#include "thimble_pairs.h"
#include "thimble_widen_line.h"
#include "thimble_widen_pixel.h"

void thimble_conv_2d_singles_s8(const thimble_conv_2d_pairs_s8_params *p, const thimble_tile *tile,
                                const int8_t *input, int8_t *output, void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step;
  const int32_t channels = tile->channel_end - tile->channel;
  const int32_t *const stream = p->stream + tile->channel / 4 * p->group_words;
  uint32_t *const wide = (uint32_t *)scratch;
  const int32_t depth = m->filter_rows * p->row_depth;
  int8_t *const copy = (int8_t *)(wide + depth / 2);
  thimble_single_layer layer;
  layer.x = wide;
  layer.end = wide + depth / 2;
  layer.code = p->code;
  layer.limits = p->limits;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      const thimble_span rows = thimble_rows_under(m, &p->input, r);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_span columns = thimble_columns_under(m, &p->input, c);
        thimble_widen_pixel(p, &rows, &columns, input, thimble_widen_line, wide, copy);
        thimble_singles(&layer, stream, output + line.at + first_channel, channels);
      }
    }
  }
}
