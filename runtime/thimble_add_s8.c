#include "thimble_elementwise.h"

void thimble_add_s8(const thimble_sum_params *p, int32_t count, const int8_t *a, const int8_t *b,
                    int8_t *output) {
  for (int32_t i = 0; i < count; ++i, a += p->step_a, b += p->step_b) {
    output[i] = (int8_t)thimble_add_one(p, *a, *b);
  }
}
