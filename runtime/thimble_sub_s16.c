#include "thimble_elementwise.h"

void thimble_sub_s16(const thimble_sum_params *p, int32_t count, const int16_t *a, const int16_t *b,
                     int16_t *output) {
  for (int32_t i = 0; i < count; ++i, a += p->step_a, b += p->step_b) {
    output[i] = (int16_t)thimble_sub_one(p, *a, *b);
  }
}
