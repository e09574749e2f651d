#include "thimble_movement.h"

void thimble_copy_32(int32_t count, const void *source, int32_t step, void *destination) {
  const uint32_t *from = (const uint32_t *)source;
  uint32_t *const to = (uint32_t *)destination;
  for (int32_t i = 0; i < count; ++i, from += step) to[i] = *from;
}
