#include "thimble_mean.h"

int64_t thimble_sum_s16(int32_t count, const int16_t *x, int32_t step, int64_t sum) {
  for (int32_t i = 0; i < count; ++i, x += step) sum += *x;
  return sum;
}
