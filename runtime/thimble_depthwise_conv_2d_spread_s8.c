#include "thimble_conv.h"
#include "thimble_tap_list.h"

/* Every one of `channels` values at x, `times` times. */
static void spread(const int8_t *x, int32_t channels, int32_t times, void *to) {
  const int8_t *const end = x + channels;
  if (times == 2) {
    uint16_t *halves = (uint16_t *)to;
    while (x < end) *halves++ = (uint16_t)((uint8_t)*x++ * 0x0101u);
  } else if (times % 4 == 0) {
    uint32_t *words = (uint32_t *)to;
    while (x < end) {
      const uint32_t word = (uint8_t)*x++ * 0x01010101u;
      for (int32_t i = times; i > 0; i -= 4) *words++ = word;
    }
  } else if (times % 2 == 0) {
    uint16_t *halves = (uint16_t *)to;
    while (x < end) {
      const uint16_t half = (uint16_t)((uint8_t)*x++ * 0x0101u);
      for (int32_t i = times; i > 0; i -= 2) *halves++ = half;
    }
  } else {
    int8_t *bytes = (int8_t *)to;
    while (x < end) {
      const int8_t byte = *x++;
      *bytes++ = byte;
      /* By twos: a loop of single bytes becomes a call of memset, which is slower. */
      for (int32_t i = times; i > 1; i -= 2, bytes += 2) bytes[0] = bytes[1] = byte;
    }
  }
}

/* The pixels that the taps read, spread: one for each tap. A column has the place that its number modulo the filter's
 * columns gives, so that neighbouring outputs find those that both read where they are. */
typedef struct {
  int8_t *pixels;
  int32_t step; /* bytes of a pixel */
  int32_t done; /* columns before this one are there, as far as they are read */
} spread_map;

/* Spreads what `list` tells of an output whose first tap is at `column`, and lists that instead. */
static void spread_taps(const thimble_depthwise_conv_2d_spread_s8_params *p, const thimble_tap_layer *from,
                        const thimble_tap_layer *to, spread_map *map, int32_t column, uint32_t *list) {
  const int32_t columns = p->window.filter_columns;
  const int32_t shared = p->window.dilation_columns == 1;
  const int32_t known = shared ? map->done - column : 0;
  const int32_t first = shared ? thimble_modulo(column, columns) * map->step : 0;
  int8_t *row = map->pixels;
  for (int32_t i = p->window.filter_rows; i > 0; --i, row += columns * map->step) {
    int8_t *pixel = row + first;
    for (int32_t j = 0; j < columns; ++j, ++list) {
      if (*list != thimble_tap_outside(from)) {
        if (j >= known) spread(thimble_tap_place(from, *list), p->window.input_channels, p->multiplier, pixel);
        *list = thimble_tap_input(to, pixel);
      }
      pixel += map->step;
      if (pixel == row + columns * map->step) pixel = row;
    }
  }
  map->done = column + columns;
}

void thimble_depthwise_conv_2d_spread_s8(const thimble_depthwise_conv_2d_spread_s8_params *p, const thimble_tile *tile,
                                         const int8_t *input, int8_t *output, void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t taps = m->filter_rows * m->filter_columns;
  const int32_t channels = m->output_channels;
  uint32_t *const list = (uint32_t *)scratch;
  thimble_tap_layer layer = thimble_taps_begin(list, taps, p->kind, p->outside), spread_layer = layer;
  spread_map map;
  map.pixels = (int8_t *)(list + taps);
  map.step = (channels + 3) & ~3;
  spread_layer.inputs = map.pixels;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    layer.inputs = input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      const thimble_span rows = thimble_rows_under(m, &p->input, r);
      int32_t column = tile->column * m->stride_columns - m->padding_left;
      map.done = column;
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, column += m->stride_columns, thimble_line_next(&line)) {
        const thimble_span columns = thimble_columns_under(m, &p->input, c);
        int8_t *const y = output + line.at;
        thimble_list_taps(m, &p->input, &rows, &columns, &layer, list);
        spread_taps(p, &layer, &spread_layer, &map, column, list);
        thimble_taps_s8(&spread_layer, p->stream, 0, y, channels / 4);
        if (channels % 4 != 0) {
          /* The last four channels, as thimble_depthwise_conv_2d_taps_s8 makes them. */
          thimble_taps_s8(&spread_layer, p->stream + channels / 4 * p->group_words, channels - 4, y + channels - 4, 1);
        }
        thimble_keep_limits(p->limits, y, channels);
      }
    }
  }
}
