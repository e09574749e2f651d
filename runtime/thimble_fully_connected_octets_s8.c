#include "thimble_fully_connected.h"

void thimble_fully_connected_octets_s8(const thimble_fully_connected_pairs_s8_params *p, int32_t rows, int32_t output,
                                       int32_t output_end, const int8_t *x, int8_t *y) {
  const int32_t *const stream = p->stream + output / 8 * p->group_words;
  thimble_octet_places places;
  thimble_octet_run runs[2];
  places.others = 0;
  runs[1] = thimble_octet_end(p->kind);
  for (int32_t r = 0; r < rows; ++r, x += p->input_step, y += p->output_step) {
    places.inputs = x;
    runs[0] = thimble_octet_input(&places, x, p->depth);
    thimble_octets(runs, &places, stream, p->group_words, y, output_end - output);
  }
}
