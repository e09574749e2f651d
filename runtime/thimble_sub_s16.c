#include "thimble_elementwise.h"

void thimble_sub_s16(const thimble_sum_params *p, const int16_t *a, const int16_t *b, int16_t *output) {
  const int32_t step_a = p->walk.stride_a[THIMBLE_AXES - 1];
  const int32_t step_b = p->walk.stride_b[THIMBLE_AXES - 1];
  thimble_walker walker = thimble_walk_begin();
  do {
    const int16_t *x = a + walker.a;
    const int16_t *y = b + walker.b;
    for (int32_t i = 0; i < p->walk.extent[THIMBLE_AXES - 1]; ++i, x += step_a, y += step_b) {
      *output++ = (int16_t)thimble_sub_one(p, *x, *y);
    }
  } while (thimble_walk_next(&p->walk, &walker));
}
