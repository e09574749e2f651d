#include "thimble_fully_connected.h"

static uint64_t dot(const int16_t *x, const int8_t *w, int32_t count, uint64_t sum) {
  for (int32_t k = 0; k < count; ++k) sum += (uint64_t)((int64_t)x[k] * w[k]);
  return sum;
}

void thimble_fully_connected_s16(const thimble_fully_connected_s16_params *p, int32_t rows, int32_t output,
                                 int32_t output_end, const int16_t *x, int16_t *y) {
  for (int32_t r = 0; r < rows; ++r, x += p->input_step, y += p->output_step) {
    for (int32_t o = output; o < output_end; ++o) {
      const uint64_t sum = dot(x, p->weights + o * p->depth, p->depth, (uint64_t)p->bias[o]);
      y[o - output] = (int16_t)thimble_scaled_wide(&p->scale, o, sum, p->narrow);
    }
  }
}
