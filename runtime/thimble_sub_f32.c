#include "thimble_elementwise.h"
#include "thimble_float.h"

void thimble_sub_f32(const thimble_elementwise_f32_params *p, int32_t count, const float *a, const float *b,
                     float *output) {
  for (int32_t i = 0; i < count; ++i, a += p->step_a, b += p->step_b) {
    output[i] = thimble_clamp_f32(*a - *b, p->minimum, p->maximum);
  }
}
