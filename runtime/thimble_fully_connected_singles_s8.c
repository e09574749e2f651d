#include "thimble_fully_connected.h"
#include "thimble_pairs.h"
#include "thimble_widen_line.h"
#include "thimble_widen_row.h"

void thimble_fully_connected_singles_s8(const thimble_fully_connected_pairs_s8_params *p, int32_t rows, int32_t output,
                                        int32_t output_end, const int8_t *x, int8_t *y, void *scratch) {
  const int32_t *const stream = p->stream + output / 4 * p->group_words;
  uint32_t *const wide = (uint32_t *)scratch;
  thimble_single_layer layer;
  layer.x = wide;
  layer.end = wide + (p->depth + 3) / 4 * 2;
  layer.code = p->code;
  layer.limits = p->limits;
  const int32_t whole = p->depth % 4 == 0;
  for (; rows > 0; --rows, x += p->input_step, y += p->output_step) {
    if (whole) {
      thimble_widen_line(x, p->depth, wide);
    } else {
      thimble_widen_row(x, p->depth, thimble_widen_line, wide);
    }
    thimble_singles(&layer, stream, y, output_end - output);
  }
}
