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

/* The pixels at the borders, and those whose rows go on at the beginning of memory: piece by piece where all pieces
 * are fours, else copied behind the list. */
static thimble_octet_run *list_pieces(const thimble_conv_2d_pairs_s8_params *p, const thimble_octet_layer *layer,
                                      const thimble_span *rows, const thimble_span *columns, const int8_t *input,
                                      thimble_octet_run *to) {
  const thimble_window *const m = &p->window;
  if (m->input_channels % 4 == 0) {
    runs list;
    list.layer = layer;
    list.next = to;
    thimble_for_pieces(m, &p->input, rows, columns, input, p->outside, take_run, &list);
    return list.next;
  }
  {
    const int32_t count = m->filter_rows * p->row_depth;
    int8_t *const copy = (int8_t *)(to + m->filter_rows + 1);
    thimble_copy_pixel(m, &p->input, rows, columns, p->row_depth, input, p->outside, copy);
    *to = thimble_octet_run_of(layer, copy, count, thimble_octet_entry(layer, count, 0));
    return to + 1;
  }
}

/* All others: a run for each filter row. */
static inline thimble_octet_run *list_rows(const thimble_conv_2d_pairs_s8_params *p, const thimble_octet_layer *layer,
                                           const thimble_span *rows, const thimble_span *columns, const int8_t *input,
                                           uint32_t entry, thimble_octet_run *to) {
  const int32_t size = p->input.size;
  const int32_t down = p->window.dilation_rows * p->input.row_step;
  thimble_octet_run *next = to;
  int32_t row = rows->at;
  if (!thimble_is_plain(&p->window, &p->input, rows, columns))
    return list_pieces(p, layer, rows, columns, input, to);
  for (int32_t i = p->window.filter_rows; i > 0; --i) {
    int32_t at = row + columns->at;
    if (at >= size) at = thimble_element(&p->input, row, columns->at);
    if (at + p->row_depth > size) return list_pieces(p, layer, rows, columns, input, to);
    *next++ = thimble_octet_run_of(layer, input + at, p->row_depth, entry);
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
  thimble_octet_run *const list = (thimble_octet_run *)scratch;
  thimble_octet_run end;
  thimble_octet_layer layer;
  uint32_t entry;
  /* Copies lie in the same arena as the map. */
  layer.inputs = input;
  layer.others = p->outside;
  layer.kind = p->kind;
  layer.wide = p->wide;
  layer.group_words = p->group_words;
  entry = thimble_octet_entry(&layer, p->row_depth, 0);
  end = thimble_octet_end(&layer);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      const thimble_span rows = thimble_rows_under(m, &p->input, r);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_span columns = thimble_columns_under(m, &p->input, c);
        *list_rows(p, &layer, &rows, &columns, input, entry, list) = end;
        thimble_octets(&layer, list, stream, output + line.at + first_channel, tile->channel_end - tile->channel);
      }
    }
  }
}
