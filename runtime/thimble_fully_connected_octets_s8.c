#include "thimble_fully_connected.h"

void thimble_fully_connected_octets_s8(const thimble_fully_connected_pairs_s8_params *p, int32_t rows, int32_t output,
                                       int32_t output_end, const int8_t *x, int8_t *y) {
  const int32_t *const stream = p->stream + output / 8 * p->group_words;
  thimble_octet_layer layer;
  thimble_octet_run runs[2];
  uint32_t entry;
  layer.others = 0;
  layer.kind = p->kind;
  layer.wide = p->wide;
  layer.group_words = p->group_words;
  entry = thimble_octet_entry(&layer, p->depth, 0);
  runs[1] = thimble_octet_end(&layer);
  for (int32_t r = 0; r < rows; ++r, x += p->input_step, y += p->output_step) {
    layer.inputs = x;
    runs[0] = thimble_octet_run_of(&layer, x, p->depth, entry);
    thimble_octets(&layer, runs, stream, y, output_end - output);
  }
}
