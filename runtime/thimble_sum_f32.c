#include "thimble_float.h"
#include "thimble_mean.h"

float thimble_sum_f32(int32_t count, const float *x, int32_t step, float sum) {
  for (int32_t i = 0; i < count; ++i, x += step) sum += *x;
  return sum;
}
