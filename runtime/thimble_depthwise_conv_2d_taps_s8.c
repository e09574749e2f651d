#include "thimble_conv.h"
#include "thimble_pairs.h"
#include "thimble_spans.h"

/* Lists the taps of a pixel: where their channels begin. Those at borders, and of pixels whose rows go on at the
 * beginning of memory: */
static void list_any(const thimble_depthwise_conv_2d_taps_s8_params *p, const thimble_span *rows,
                     const thimble_span *columns, const thimble_tap_layer *layer, uint32_t *list) {
  const thimble_window *const m = &p->window;
  const uint32_t outside = thimble_tap_outside(layer);
  const int32_t right = m->dilation_columns * p->input.pixel_step;
  const int32_t down = m->dilation_rows * p->input.row_step;
  const int32_t circle = p->input.columns * p->input.pixel_step; /* 0 in a FIFO */
  int32_t row = rows->at;
  for (int32_t i = 0; i < m->filter_rows; ++i) {
    int32_t j = 0;
    if (i >= rows->begin && i < rows->end) {
      int32_t column = columns->at;
      for (; j < columns->begin; ++j) *list++ = outside;
      for (; j < columns->end; ++j) {
        *list++ = thimble_tap_input(layer, layer->inputs + thimble_element(&p->input, row, column));
        column += right;
        if (circle > 0 && column >= circle) column %= circle;
      }
      row += down;
      if (row >= p->input.size) row %= p->input.size;
    }
    for (; j < m->filter_columns; ++j) *list++ = outside;
  }
}

/* Most pixels have all taps, and the taps of a row in one place. */
static inline void list_taps(const thimble_depthwise_conv_2d_taps_s8_params *p, const thimble_span *rows,
                             const thimble_span *columns, const thimble_tap_layer *layer, uint32_t *list) {
  const thimble_window *const m = &p->window;
  const int32_t size = p->input.size;
  const int32_t right = m->dilation_columns * p->input.pixel_step;
  const int32_t down = m->dilation_rows * p->input.row_step;
  const int32_t last = (m->filter_columns - 1) * right;
  const int32_t room = p->input.columns == 0 ? size : p->input.columns * p->input.pixel_step - columns->at;
  uint32_t *next = list;
  int32_t row = rows->at;
  int32_t left = m->filter_rows;
  if (rows->end - rows->begin == left && columns->end - columns->begin == m->filter_columns && last < room) {
    for (; left > 0; --left) {
      const int32_t at = thimble_element(&p->input, row, columns->at);
      uint32_t tap = thimble_tap_input(layer, layer->inputs + at);
      if (at + last >= size) break;
      for (int32_t j = m->filter_columns; j > 0; --j, tap += (uint32_t)right) *next++ = tap;
      row += down;
      if (row >= size) row %= size;
    }
  }
  if (left > 0) list_any(p, rows, columns, layer, list);
}

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
        list_taps(p, &rows, &columns, &layer, (uint32_t *)scratch);
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
