#include "thimble_conv.h"
#include "thimble_pieces.h"

void thimble_conv_2d_copied_octets_s8(const thimble_conv_2d_pairs_s8_params *p, const thimble_tile *tile,
                                      const int8_t *input, int8_t *output, void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step;
  const int32_t *const stream = p->stream + tile->channel / 8 * p->group_words;
  int8_t *const copy = (int8_t *)scratch;
  thimble_octet_layer layer;
  thimble_octet_run runs[2];
  layer.inputs = copy;
  layer.others = p->outside;
  layer.kind = p->kind;
  layer.wide = p->wide;
  layer.group_words = p->group_words;
  runs[0] = thimble_octet_run_of(&layer, copy, p->depth, thimble_octet_entry(&layer, p->depth, 0));
  runs[1] = thimble_octet_end(&layer);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      const thimble_span rows = thimble_rows_under(m, &p->input, r);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_span columns = thimble_columns_under(m, &p->input, c);
        thimble_copy_pixel(m, &p->input, rows, columns, input, p->outside, copy);
        thimble_octets(&layer, runs, stream, output + line.at + first_channel, tile->channel_end - tile->channel);
      }
    }
  }
}
