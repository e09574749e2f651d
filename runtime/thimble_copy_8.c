#include "thimble_movement.h"

void thimble_copy_8(const thimble_walk *walk, const void *source, void *destination) {
  const uint8_t *const from = (const uint8_t *)source;
  uint8_t *const to = (uint8_t *)destination;
  const int32_t length = walk->extent[THIMBLE_AXES - 1];
  const int32_t step_a = walk->stride_a[THIMBLE_AXES - 1];
  const int32_t step_b = walk->stride_b[THIMBLE_AXES - 1];
  thimble_walker walker = thimble_walk_begin();
  do {
    const uint8_t *x = from + walker.a;
    uint8_t *y = to + walker.b;
    for (int32_t i = 0; i < length; ++i, x += step_a, y += step_b) *y = *x;
  } while (thimble_walk_next(walk, &walker));
}
