#include "thimble_movement.h"

void thimble_fill_32(void *destination, int32_t count, uint32_t value) {
  uint32_t *const to = (uint32_t *)destination;
  for (int32_t i = 0; i < count; ++i) to[i] = value;
}
