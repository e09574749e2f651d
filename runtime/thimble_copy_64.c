#include "thimble_movement.h"

void thimble_copy_64(int32_t count, const void *source, int32_t step, void *destination) {
  const uint64_t *from = (const uint64_t *)source;
  uint64_t *const to = (uint64_t *)destination;
  for (int32_t i = 0; i < count; ++i, from += step) to[i] = *from;
}
