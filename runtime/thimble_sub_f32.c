#include "thimble_elementwise.h"
#include "thimble_float.h"

void thimble_sub_f32(const thimble_elementwise_f32_params *p, const float *a, const float *b, float *output) {
  const int32_t step_a = p->walk.stride_a[THIMBLE_AXES - 1];
  const int32_t step_b = p->walk.stride_b[THIMBLE_AXES - 1];
  thimble_walker walker = thimble_walk_begin();
  do {
    const float *x = a + walker.a;
    const float *y = b + walker.b;
    for (int32_t i = 0; i < p->walk.extent[THIMBLE_AXES - 1]; ++i, x += step_a, y += step_b) {
      *output++ = thimble_clamp_f32(*x - *y, p->minimum, p->maximum);
    }
  } while (thimble_walk_next(&p->walk, &walker));
}
