#include "thimble_movement.h"

void thimble_copy_8(int32_t count, const void *source, int32_t step, void *destination) {
  const uint8_t *from = (const uint8_t *)source;
  uint8_t *const to = (uint8_t *)destination;
  for (int32_t i = 0; i < count; ++i, from += step) to[i] = *from;
}
