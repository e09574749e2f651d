#include "thimble_float.h"
#include "thimble_fully_connected.h"

void thimble_fully_connected_f32(const thimble_fully_connected_f32_params *p, const float *input,
                                 float *output) {
  for (int32_t r = 0; r < p->rows; ++r, input += p->depth, output += p->outputs) {
    const float *w = p->weights;
    for (int32_t o = 0; o < p->outputs; ++o) {
      float sum = 0.0f;
      for (int32_t k = 0; k < p->depth; ++k) sum += input[k] * *w++;
      output[o] = thimble_clamp_f32(sum + p->bias[o], p->minimum, p->maximum);
    }
  }
}
