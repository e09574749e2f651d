#include "thimble_fully_connected.h"
#include "thimble_pairs.h"
#include "thimble_widen.h"
#include "thimble_widen_pair.h"
#include "thimble_widen_row.h"

void thimble_fully_connected_quads_s8(const thimble_fully_connected_pairs_s8_params *p, int32_t rows, int32_t output,
                                      int32_t output_end, const int8_t *x, int8_t *y, void *scratch) {
  const int32_t *const stream = p->stream + output / 4 * p->group_words;
  uint32_t *const wide = (uint32_t *)scratch;
  const thimble_quad_layer layer =
      thimble_quads_begin(wide, (p->depth + 3) & ~3, p->kind, p->limits, p->wide, p->group_words);
  /* In whole fours, but nothing behind the last pixel is read. */
  const int32_t whole = (p->depth & 3) == 0;
  const int32_t pairs = ((output_end - output) & 3) != 0 ? 0 : (whole ? rows : p->depth > 1 ? rows - 1 : 0) >> 1;
  if (pairs > 0) {
    thimble_quad_pixels(&layer, wide, stream, x, p->input_step, y, p->output_step, output_end - output, pairs);
    x += 2 * pairs * p->input_step;
    y += 2 * pairs * p->output_step;
    rows -= 2 * pairs;
  }
  for (; rows > 0; rows -= 2, x += 2 * p->input_step, y += 2 * p->output_step) {
    /* A pixel without a partner stands for both. */
    const int32_t second = rows > 1 ? 1 : 0;
    if (second && whole) {
      thimble_widen_pair(x, x + p->input_step, p->depth, wide);
    } else {
      if (second) thimble_widen_row(x, p->depth, thimble_widen, wide);
      thimble_widen_row(x + second * p->input_step, p->depth, thimble_widen, wide + 1);
    }
    thimble_quads(&layer, stream, y, y + second * p->output_step, output_end - output);
  }
}
