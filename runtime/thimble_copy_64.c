#include "thimble_movement.h"

void thimble_copy_64(const thimble_walk *walk, const void *source, void *destination) {
  const uint64_t *const from = (const uint64_t *)source;
  uint64_t *const to = (uint64_t *)destination;
  const int32_t length = walk->extent[THIMBLE_AXES - 1];
  const int32_t step_a = walk->stride_a[THIMBLE_AXES - 1];
  const int32_t step_b = walk->stride_b[THIMBLE_AXES - 1];
  thimble_walker walker = thimble_walk_begin();
  do {
    const uint64_t *x = from + walker.a;
    uint64_t *y = to + walker.b;
    for (int32_t i = 0; i < length; ++i, x += step_a, y += step_b) *y = *x;
  } while (thimble_walk_next(walk, &walker));
}
