#include "thimble_fully_connected.h"

void thimble_fully_connected_s16(const thimble_fully_connected_s16_params *p, const int16_t *input,
                                 int16_t *output) {
  for (int32_t r = 0; r < p->rows; ++r, input += p->depth, output += p->outputs) {
    const int8_t *w = p->weights;
    for (int32_t o = 0; o < p->outputs; ++o) {
      uint64_t sum = 0;
      for (int32_t k = 0; k < p->depth; ++k) sum += (uint64_t)((int64_t)input[k] * *w++);
      output[o] = (int16_t)thimble_scaled_wide(&p->scale, o, sum + (uint64_t)p->bias[o], p->narrow);
    }
  }
}
