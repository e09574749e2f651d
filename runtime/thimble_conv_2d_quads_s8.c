#include "thimble_pairs.h"
#include "thimble_widen_pair.h"
#include "thimble_widen_pixel.h"

static THIMBLE_SELDOM void widen_one(const thimble_conv_2d_pairs_s8_params *p, const thimble_span *rows,
                                     const thimble_span *columns, const int8_t *input, uint32_t *to, int8_t *copy) {
  thimble_widen_pixel(p, rows, columns, input, thimble_widen, to, copy);
}

/* Two neighbours at once; false where some filter row of theirs is not in one place. */
static inline int32_t widen_both(const thimble_conv_2d_pairs_s8_params *p, const thimble_span *rows,
                                 const thimble_span *first, const thimble_span *second, const int8_t *input,
                                 uint32_t *to) {
  const int32_t apart = second->at - first->at;
  int32_t row = rows->at;
  if (!thimble_is_plain(&p->window, &p->input, first) || !thimble_is_plain(&p->window, &p->input, second) || apart < 0)
    return 0;
  for (int32_t i = 0; i < p->window.filter_rows; ++i) {
    const int8_t *const x = thimble_find_row(p, rows, first, input, i, apart + p->row_depth, &row);
    if (x == 0) return 0;
    to = thimble_widen_pair(x, x == p->outside ? x : x + apart, p->row_depth, to);
  }
  return 1;
}

void thimble_conv_2d_quads_s8(const thimble_conv_2d_pairs_s8_params *p, const thimble_tile *tile,
                              const int8_t *input, int8_t *output, void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step;
  const int32_t channels = tile->channel_end - tile->channel;
  const int32_t *const stream = p->stream + tile->channel / 4 * p->group_words;
  uint32_t *const wide = (uint32_t *)scratch;
  const int32_t depth = m->filter_rows * p->row_depth;
  const thimble_quad_layer layer =
      thimble_quads_begin(wide, depth, p->kind, p->limits, p->wide, p->group_words);
  int8_t *const copy = (int8_t *)(wide + depth);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      const thimble_span rows = thimble_rows_under(m, &p->input, r);
      for (int32_t c = tile->column; c < tile->column_end; c += 2, thimble_line_next(&line)) {
        const thimble_span columns = thimble_columns_under(m, &p->input, c);
        int8_t *const y = output + line.at + first_channel;
        if (c + 1 < tile->column_end) {
          const thimble_span next = thimble_columns_under(m, &p->input, c + 1);
          thimble_line_next(&line);
          if (!widen_both(p, &rows, &columns, &next, input, wide)) {
            widen_one(p, &rows, &columns, input, wide, copy);
            widen_one(p, &rows, &next, input, wide + 1, copy);
          }
          thimble_quads(&layer, stream, y, output + line.at + first_channel, channels);
        } else {
          /* A pixel without a partner stands for both. */
          widen_one(p, &rows, &columns, input, wide + 1, copy);
          thimble_quads(&layer, stream, y, y, channels);
        }
      }
    }
  }
}
