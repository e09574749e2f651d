#include "thimble_float.h"
#include "thimble_fully_connected.h"

static float dot(const float *x, const float *w, int32_t count, float sum) {
  for (int32_t k = 0; k < count; ++k) sum += x[k] * w[k];
  return sum;
}

void thimble_fully_connected_f32(const thimble_fully_connected_f32_params *p, int32_t rows, int32_t output,
                                 int32_t output_end, const float *x, float *y) {
  for (int32_t r = 0; r < rows; ++r, x += p->input_step, y += p->output_step) {
    for (int32_t o = output; o < output_end; ++o) {
      const float sum = dot(x, p->weights + o * p->depth, p->depth, 0.0f);
      y[o - output] = thimble_clamp_f32(sum + p->bias[o], p->minimum, p->maximum);
    }
  }
}
