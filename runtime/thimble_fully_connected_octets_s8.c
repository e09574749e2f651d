#include "thimble_fully_connected.h"
#include "thimble_pairs.h"

void thimble_fully_connected_octets_s8(const thimble_fully_connected_pairs_s8_params *p, int32_t rows, int32_t output,
                                       int32_t output_end, const int8_t *x, int8_t *y, void *scratch) {
  const int32_t *const stream = p->stream + output / 8 * p->group_words;
  const int32_t depth = (p->depth + 3) & ~3;
  const int32_t copied = depth != p->depth;
  int8_t *const copy = (int8_t *)scratch;
  thimble_octet_layer layer;
  thimble_octet_run runs[2];
  uint32_t entry;
  layer.others = 0;
  layer.kind = p->kind;
  layer.limits = p->limits;
  layer.wide = p->wide;
  layer.group_words = p->group_words;
  entry = thimble_octet_entry(&layer, depth, 0);
  runs[1] = thimble_octet_end(&layer);
  for (int32_t k = p->depth; k < depth; ++k) copy[k] = 0;
  for (int32_t r = 0; r < rows; ++r, x += p->input_step, y += p->output_step) {
    for (int32_t k = 0; copied && k < p->depth; ++k) copy[k] = x[k];
    layer.inputs = copied ? copy : x;
    runs[0] = thimble_octet_run_of(&layer, layer.inputs, depth, entry);
    thimble_octets(&layer, runs, stream, y, output_end - output);
  }
}
