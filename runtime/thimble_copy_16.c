#include "thimble_movement.h"

void thimble_copy_16(const thimble_walk *walk, const void *source, void *destination) {
  const uint16_t *const from = (const uint16_t *)source;
  uint16_t *const to = (uint16_t *)destination;
  const int32_t length = walk->extent[THIMBLE_AXES - 1];
  const int32_t step_a = walk->stride_a[THIMBLE_AXES - 1];
  const int32_t step_b = walk->stride_b[THIMBLE_AXES - 1];
  thimble_walker walker = thimble_walk_begin();
  do {
    const uint16_t *x = from + walker.a;
    uint16_t *y = to + walker.b;
    for (int32_t i = 0; i < length; ++i, x += step_a, y += step_b) *y = *x;
  } while (thimble_walk_next(walk, &walker));
}
