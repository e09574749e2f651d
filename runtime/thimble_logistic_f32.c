#include "thimble_float.h"
#include "thimble_softmax.h"

void thimble_logistic_f32(int32_t count, const float *input, float *output) {
  for (int32_t i = 0; i < count; ++i) {
    const float x = input[i];
    if (x > 16.619047164916992f) {
      output[i] = 1.0f;
    } else if (x < -9.0f) {
      output[i] = thimble_exp_f32(x);
    } else {
      output[i] = 1.0f / (1.0f + thimble_exp_f32(-x));
    }
  }
}
