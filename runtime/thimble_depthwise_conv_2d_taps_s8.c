#include "thimble_conv.h"
#include "thimble_tap_list.h"

void thimble_depthwise_conv_2d_taps_s8(const thimble_depthwise_conv_2d_taps_s8_params *p, const thimble_tile *tile,
                                       const int8_t *input, int8_t *output, void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step;
  const int32_t first_input = tile->channel % p->input.pixel_step;
  const int32_t channels = tile->channel_end - tile->channel;
  const int32_t *const stream = p->stream + tile->channel / 4 * p->group_words;
  thimble_tap_layer layer = thimble_taps_begin((uint32_t *)scratch, m->filter_rows * m->filter_columns, p->kind, p->outside);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    layer.inputs = input + first_input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      const thimble_span rows = thimble_rows_under(m, &p->input, r);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line)) {
        const thimble_span columns = thimble_columns_under(m, &p->input, c);
        int8_t *const y = output + line.at + first_channel;
        thimble_list_taps(m, &p->input, &rows, &columns, &layer, (uint32_t *)scratch);
        if (channels >= 4) thimble_taps_s8(&layer, stream, 0, y, channels / 4);
        if (channels % 4 != 0) {
          /* The last four channels, some of which are made again: no byte behind them is read. */
          thimble_taps_s8(&layer, stream + channels / 4 * p->group_words, channels - 4, y + channels - 4, 1);
        }
        thimble_keep_limits(p->limits, y, channels);
      }
    }
  }
}
