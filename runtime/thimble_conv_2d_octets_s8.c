#include "thimble_conv.h"
#include "thimble_pairs.h"
#include "thimble_pieces.h"

typedef struct {
  const thimble_octet_layer *layer;
  thimble_octet_run *next;
} runs;

static void take_run(void *to, const int8_t *x, int32_t count, int32_t outside) {
  runs *const list = (runs *)to;
  *list->next++ =
      thimble_octet_run_of(list->layer, x, count, thimble_octet_entry(list->layer, count, outside));
}

/* The pixels at the borders, and those whose rows go on at the beginning of memory. */
static THIMBLE_SELDOM thimble_octet_run *list_pieces(const thimble_conv_2d_pairs_s8_params *p, const thimble_octet_layer *layer,
                                      const thimble_span *rows, const thimble_span *columns, thimble_octet_run *to) {
  runs list;
  list.layer = layer;
  list.next = to;
  thimble_for_pieces(&p->window, &p->input, rows, columns, layer->inputs, p->outside, take_run, &list);
  return list.next;
}

/* All others: a run for each filter row. `entries`: of runs in the map, and of those outside. */
static inline thimble_octet_run *list_rows(const thimble_conv_2d_pairs_s8_params *p, const thimble_octet_layer *layer,
                                           const thimble_span *rows, const thimble_span *columns,
                                           const uint32_t entries[2], thimble_octet_run *to) {
  const int32_t size = p->input.size;
  const int32_t down = p->window.dilation_rows * p->input.row_step;
  thimble_octet_run *next = to;
  int32_t row = rows->at;
  if (!thimble_is_plain(&p->window, &p->input, columns)) return list_pieces(p, layer, rows, columns, to);
  for (int32_t i = 0; i < p->window.filter_rows; ++i) {
    int32_t at = row + columns->at;
    if (i < rows->begin || i >= rows->end) {
      *next++ = thimble_octet_run_of(layer, p->outside, p->row_depth, entries[1]);
      continue;
    }
    if (at >= size) at = thimble_element(&p->input, row, columns->at);
    if (at + p->row_depth > size) return list_pieces(p, layer, rows, columns, to);
    *next++ = thimble_octet_run_of(layer, layer->inputs + at, p->row_depth, entries[0]);
    row += down;
    if (row >= size) row %= size;
  }
  return next;
}

/* Pixels whose pieces are no fours are copied together, with a few bytes behind each filter row, which no weight
 * counts. */
static inline void copy_rows(const thimble_conv_2d_pairs_s8_params *p, const thimble_span *rows,
                             const thimble_span *columns, const int8_t *input, int8_t *to) {
  const int32_t size = p->input.size;
  const int32_t down = p->window.dilation_rows * p->input.row_step;
  int32_t plain = thimble_is_plain(&p->window, &p->input, columns) &&
                  rows->end - rows->begin == p->window.filter_rows;
  int32_t row = rows->at;
  int8_t *next = to;
  for (int32_t i = plain ? p->window.filter_rows : 0; i > 0; --i) {
    const int32_t at = thimble_element(&p->input, row, columns->at);
    const int8_t *x = input + at;
    if (at + p->row_depth > size) {
      plain = 0;
      break;
    }
    for (const int8_t *const end = x + p->row_depth; x < end; x += 4, next += 4) thimble_copy4(next, x);
    row += down;
    if (row >= size) row %= size;
  }
  if (!plain) thimble_copy_pixel(&p->window, &p->input, rows, columns, p->row_depth, input, p->outside, to);
}

void thimble_conv_2d_octets_s8(const thimble_conv_2d_pairs_s8_params *p, const thimble_tile *tile,
                               const int8_t *input, int8_t *output, void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t copied = m->input_channels % 4 != 0;
  const int32_t first_channel = tile->channel % p->output.pixel_step;
  const int32_t *const stream = p->stream + tile->channel / 8 * p->group_words;
  const int32_t count = copied ? m->filter_rows * p->row_depth : p->row_depth;
  thimble_octet_run one[2];
  thimble_octet_run *const list = copied ? one : (thimble_octet_run *)scratch;
  thimble_octet_layer layer;
  uint32_t entries[2];
  layer.inputs = copied ? (int8_t *)scratch : input;
  layer.others = p->outside;
  layer.kind = p->kind;
  layer.limits = p->limits;
  layer.wide = p->wide;
  layer.group_words = p->group_words;
  entries[0] = thimble_octet_entry(&layer, count, 0);
  entries[1] = thimble_octet_entry(&layer, count, 1);
  one[0] = thimble_octet_run_of(&layer, layer.inputs, count, entries[0]);
  one[1] = thimble_octet_end(&layer);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    if (!copied) layer.inputs = input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      const thimble_span rows = thimble_rows_under(m, &p->input, r);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_span columns = thimble_columns_under(m, &p->input, c);
        if (copied) {
          copy_rows(p, &rows, &columns, input, (int8_t *)scratch);
        } else {
          *list_rows(p, &layer, &rows, &columns, entries, list) = one[1];
        }
        thimble_octets(&layer, list, stream, output + line.at + first_channel, tile->channel_end - tile->channel);
      }
    }
  }
}
