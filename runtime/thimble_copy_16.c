#include "thimble_movement.h"

void thimble_copy_16(int32_t count, const void *source, int32_t step, void *destination) {
  const uint16_t *from = (const uint16_t *)source;
  uint16_t *const to = (uint16_t *)destination;
  for (int32_t i = 0; i < count; ++i, from += step) to[i] = *from;
}
