#include "thimble_conv.h"
#include "thimble_pieces.h"

typedef struct {
  const thimble_octet_layer *layer;
  thimble_octet_run *next;
} runs;

static inline void take_run(void *to, const int8_t *x, int32_t count, int32_t outside) {
  runs *const list = (runs *)to;
  *list->next++ =
      thimble_octet_run_of(list->layer, x, count, thimble_octet_entry(list->layer, count, outside));
}

/* The pixels at the borders, and those whose rows go on at the beginning of memory. */
static thimble_octet_run *list_pieces(const thimble_conv_2d_pairs_s8_params *p, const thimble_octet_layer *layer,
                                      const thimble_span *rows, const thimble_span *columns, thimble_octet_run *to) {
  runs list;
  list.layer = layer;
  list.next = to;
  thimble_for_pieces(&p->window, &p->input, *rows, *columns, layer->inputs, layer->others, take_run, &list);
  return list.next;
}

/* All others: a run for each filter row. */
static inline thimble_octet_run *list_rows(const thimble_conv_2d_pairs_s8_params *p, const thimble_octet_layer *layer,
                                           const thimble_span *rows, const thimble_span *columns, int32_t length,
                                           uint32_t entry, thimble_octet_run *to) {
  const int32_t size = p->input.size;
  const int32_t down = p->window.dilation_rows * p->input.row_step;
  const int32_t room = p->input.columns == 0 ? 0 : p->input.columns * p->input.pixel_step - columns->at;
  thimble_octet_run *next = to;
  int32_t row = rows->at;
  if (rows->end - rows->begin != p->window.filter_rows || columns->end - columns->begin != p->window.filter_columns ||
      (room != 0 && length > room))
    return list_pieces(p, layer, rows, columns, to);
  for (int32_t i = p->window.filter_rows; i > 0; --i) {
    int32_t at = row + columns->at;
    if (at >= size) at = thimble_element(&p->input, row, columns->at);
    if (at + length > size) return list_pieces(p, layer, rows, columns, to);
    *next++ = thimble_octet_run_of(layer, layer->inputs + at, length, entry);
    row += down;
    if (row >= size) row %= size;
  }
  return next;
}

void thimble_conv_2d_octets_s8(const thimble_conv_2d_pairs_s8_params *p, const thimble_tile *tile,
                               const int8_t *input, int8_t *output, void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step;
  const int32_t *const stream = p->stream + tile->channel / 8 * p->group_words;
  const int32_t length = m->filter_columns * m->input_channels;
  thimble_octet_run *const list = (thimble_octet_run *)scratch;
  thimble_octet_layer layer;
  uint32_t entry;
  layer.others = p->outside;
  layer.kind = p->kind;
  layer.wide = p->wide;
  layer.group_words = p->group_words;
  entry = thimble_octet_entry(&layer, length, 0);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    layer.inputs = input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      const thimble_span rows = thimble_rows_under(m, &p->input, r);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_span columns = thimble_columns_under(m, &p->input, c);
        *list_rows(p, &layer, &rows, &columns, length, entry, list) = thimble_octet_end(&layer);
        thimble_octets(&layer, list, stream, output + line.at + first_channel, tile->channel_end - tile->channel);
      }
    }
  }
}
