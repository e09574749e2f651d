/* Where the inner loops are written out (thimble_taps_s8.c), all else may as well be small. */
#ifdef __ARM_FEATURE_DSP
#include "thimble_small_stack.h"
#endif

#include "thimble_conv.h"
#include "thimble_taps.h"

/* Lists the taps of a pixel: where their channels begin. */
static void list_taps(const thimble_depthwise_conv_2d_taps_s8_params *p, const thimble_folded *taps,
                      const thimble_tap_layer *layer, const int8_t *input, uint32_t *list) {
  const thimble_window *const m = &p->window;
  const uint32_t outside = thimble_tap_outside(layer);
  int32_t row = taps->row;
  for (int32_t i = 0; i < m->filter_rows; ++i) {
    const int32_t inside = i >= taps->rows.begin && i < taps->rows.end;
    int32_t column = taps->column;
    for (int32_t j = 0; j < m->filter_columns; ++j) {
      if (!inside || j < taps->columns.begin || j >= taps->columns.end) {
        *list++ = outside;
        continue;
      }
      *list++ = thimble_tap_input(layer, input + thimble_wrap(row + column, taps->size));
      column = thimble_wrap(column + taps->column_step, taps->circle);
    }
    if (inside) row = thimble_wrap(row + taps->row_step, taps->size);
  }
}

void thimble_depthwise_conv_2d_taps_s8(const thimble_depthwise_conv_2d_taps_s8_params *p, const thimble_tile *tile,
                                       const int8_t *input, int8_t *output, void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step;
  const int32_t first_input = tile->channel % p->input.pixel_step;
  const int32_t channels = tile->channel_end - tile->channel;
  const int32_t *const stream = p->stream + tile->channel / 4 * p->group_words;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  thimble_tap_layer layer;
  layer.taps = (uint32_t *)scratch;
  layer.count = m->filter_rows * m->filter_columns;
  layer.outside = p->outside;
  layer.kind = p->kind;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    layer.inputs = input + first_input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      thimble_folded_row(&taps, m, &p->input, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line), thimble_folded_next(&taps, m)) {
        int8_t *const y = output + line.at + first_channel;
        list_taps(p, &taps, &layer, layer.inputs, (uint32_t *)scratch);
        if (channels >= 4) thimble_taps_of_4(&layer, stream, 0, y, channels / 4);
        if (channels % 4 != 0) {
          /* The last four channels, some of which are made again: no byte behind them is read. */
          thimble_taps_of_4(&layer, stream + channels / 4 * p->group_words, channels - 4, y + channels - 4, 1);
        }
      }
    }
  }
}
