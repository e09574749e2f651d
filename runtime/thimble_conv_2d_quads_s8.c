#include "thimble_conv.h"
#include "thimble_pieces.h"

static void take_wide(void *to, const int8_t *x, int32_t count, int32_t outside) {
  uint32_t **const next = (uint32_t **)to;
  (void)outside;
  *next = thimble_widen(x, count, *next);
}

void thimble_conv_2d_quads_s8(const thimble_conv_2d_pairs_s8_params *p, const thimble_tile *tile,
                              const int8_t *input, int8_t *output, void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step;
  const int32_t channels = tile->channel_end - tile->channel;
  const int32_t *const stream = p->stream + tile->channel / 4 * p->group_words;
  uint32_t *const wide = (uint32_t *)scratch;
  int8_t *const copy = (int8_t *)(wide + p->depth);
  thimble_quad_layer layer;
  layer.x = wide;
  layer.depth = p->depth;
  layer.kind = p->kind;
  layer.wide = p->wide;
  layer.group_words = p->group_words;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    int32_t left = (tile->row_end - tile->row) * (tile->column_end - tile->column);
    int8_t *waiting = 0; /* output of the first pixel of a pair */
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      const thimble_span rows = thimble_rows_under(m, &p->input, r);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, --left, thimble_line_next(&line)) {
        const thimble_span columns = thimble_columns_under(m, &p->input, c);
        int8_t *const y = output + line.at + first_channel;
        const int32_t first = waiting == 0 && left > 1;
        uint32_t *to = first ? wide : wide + 1;
        if (p->copied) {
          const int32_t count = thimble_copy_pixel(m, &p->input, rows, columns, input, p->outside, copy);
          thimble_widen(copy, count, to);
        } else {
          thimble_for_pieces(m, &p->input, rows, columns, input, p->outside, take_wide, &to);
        }
        if (first) {
          waiting = y;
          continue;
        }
        /* A pixel without a partner stands for both. */
        thimble_quads(&layer, stream, waiting == 0 ? y : waiting, y, channels);
        waiting = 0;
      }
    }
  }
}
