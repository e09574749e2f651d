#include "thimble_float.h"
#include "thimble_leaky_relu.h"

void thimble_leaky_relu_f32(const thimble_leaky_relu_f32_params *p, int32_t count, const float *input,
                            float *output) {
  const float slope = p->slope;
  for (int32_t i = 0; i < count; ++i) output[i] = input[i] > 0.0f ? input[i] : input[i] * slope;
}
