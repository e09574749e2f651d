#include "thimble_movement.h"

void thimble_fill_32(int32_t count, uint32_t value, void *destination) {
  uint32_t *const to = (uint32_t *)destination;
  for (int32_t i = 0; i < count; ++i) to[i] = value;
}
