#include "thimble_dot_s8.h"
#include "thimble_fully_connected.h"

void thimble_fully_connected_s8(const thimble_fully_connected_s8_params *p, const int8_t *input,
                                int8_t *output) {
  const int32_t depth = p->depth;
  for (int32_t r = 0; r < p->rows; ++r, input += depth, output += p->outputs) {
    const int8_t *w = p->weights;
    int32_t o = 0;
    for (; o + 4 <= p->outputs; o += 4, w += 4 * depth) {
      uint32_t sums[4];
      for (int32_t k = 0; k < 4; ++k) sums[k] = (uint32_t)p->bias[o + k];
      thimble_dot4_s8(input, w, depth, depth, 0, sums);
      for (int32_t k = 0; k < 4; ++k)
        output[o + k] = (int8_t)thimble_scaled(&p->scale, o + k, (int32_t)sums[k]);
    }
    for (; o < p->outputs; ++o, w += depth) {
      const uint32_t sum = thimble_dot_s8(input, w, depth, 0, (uint32_t)p->bias[o]);
      output[o] = (int8_t)thimble_scaled(&p->scale, o, (int32_t)sum);
    }
  }
}
