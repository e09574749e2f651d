#include "thimble_mean.h"

int32_t thimble_sum_s8(int32_t count, const int8_t *x, int32_t step, int32_t sum) {
  for (int32_t i = 0; i < count; ++i, x += step) sum = thimble_add_wrapping(sum, *x);
  return sum;
}
