#include "thimble_float.h"
#include "thimble_softmax.h"

void thimble_logistic_f32(int32_t count, const float *input, float *output) {
  for (int32_t i = 0; i < count; ++i) output[i] = thimble_logistic_one_f32(input[i]);
}
