/* Where the inner loops are written out (thimble_octets.c), all else may as well be small. */
#ifdef __ARM_FEATURE_DSP
#include "thimble_small_stack.h"
#endif

#include "thimble_conv.h"
#include "thimble_pieces.h"

typedef struct {
  const thimble_octet_layer *layer;
  thimble_octet_run *next;
} runs;

static void take_run(void *to, const int8_t *x, int32_t count, int32_t outside) {
  runs *const list = (runs *)to;
  *list->next++ = outside ? thimble_octet_other(list->layer, x, count) : thimble_octet_input(list->layer, x, count);
}

void thimble_conv_2d_octets_s8(const thimble_conv_2d_pairs_s8_params *p, const thimble_tile *tile,
                               const int8_t *input, int8_t *output, void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step;
  const int32_t *const stream = p->stream + tile->channel / 8 * p->group_words;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  thimble_octet_layer layer;
  thimble_octet_run one[2];
  thimble_octet_run *const first = p->copied ? one : (thimble_octet_run *)scratch;
  runs list;
  list.layer = &layer;
  layer.others = p->outside;
  layer.kind = p->kind;
  layer.wide = p->wide;
  layer.group_words = p->group_words;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    layer.inputs = p->copied ? (int8_t *)scratch : input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      thimble_folded_row(&taps, m, &p->input, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line), thimble_folded_next(&taps, m)) {
        list.next = first;
        if (p->copied) {
          const int32_t count = thimble_copy_pixel(m, &p->input, &taps, input, p->outside, (int8_t *)scratch);
          take_run(&list, (int8_t *)scratch, count, 0);
        } else {
          thimble_for_pieces(m, &p->input, &taps, input, p->outside, take_run, &list);
        }
        *list.next = thimble_octet_end(&layer);
        thimble_octets(&layer, first, stream, output + line.at + first_channel, tile->channel_end - tile->channel);
      }
    }
  }
}
