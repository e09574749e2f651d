#include "thimble_average_s8.h"

void thimble_average_sums_s8(int32_t count, int32_t taps, const int32_t *sums, int8_t *y) {
  if (taps <= THIMBLE_MOST_VALUES) {
    const thimble_mean_s8 mean = thimble_mean_of_taps(taps);
    for (int32_t i = 0; i < count; ++i) y[i] = (int8_t)thimble_mean_of(&mean, sums[i]);
    return;
  }
  for (int32_t i = 0; i < count; ++i) y[i] = (int8_t)thimble_rounded_mean(sums[i], taps);
}
