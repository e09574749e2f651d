#include "thimble_conv.h"
#include "thimble_tap_list.h"

void thimble_depthwise_conv_2d_taps_s8(const thimble_depthwise_conv_2d_taps_s8_params *p, const thimble_tile *tile,
                                       const int8_t *input, int8_t *output, void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t channels = tile->channel_end - tile->channel;
  const int32_t limited = p->limits.minimum != -128 || p->limits.maximum != 127;
  int32_t first_channel = 0, first_input = 0;
  const int32_t *stream = p->stream;
  thimble_tap_layer layer = thimble_taps_begin((uint32_t *)scratch, m->filter_rows * m->filter_columns, p->kind, p->outside);
  if (tile->channel > 0) {
    first_channel = tile->channel % p->output.pixel_step;
    first_input = tile->channel % p->input.pixel_step;
    stream += tile->channel / 4 * p->group_words;
  }
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    layer.inputs = input + first_input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      const thimble_span rows = thimble_rows_under(m, &p->input, r);
      thimble_tap_run run;
      if (tile->column_end - tile->column > 1) run = thimble_tap_run_of(m, &p->input, &rows, &layer);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line)) {
        int8_t *const y = output + line.at + first_channel;
        if (c > tile->column && c > run.first && c < run.end) {
          thimble_move_taps(&run, layer.count, (uint32_t *)scratch);
        } else {
          const thimble_span columns = thimble_columns_under(m, &p->input, c);
          thimble_list_taps(m, &p->input, &rows, &columns, &layer, (uint32_t *)scratch);
        }
        if (channels >= 4) thimble_taps_s8(&layer, stream, 0, y, channels / 4);
        if (channels % 4 != 0) {
          /* The last four channels, some of which are made again: no byte behind them is read. */
          thimble_taps_s8(&layer, stream + channels / 4 * p->group_words, channels - 4, y + channels - 4, 1);
        }
        if (limited) thimble_clamp_s8(channels, p->limits.minimum, p->limits.maximum, y);
      }
    }
  }
}
