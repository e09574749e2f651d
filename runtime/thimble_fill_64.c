#include "thimble_movement.h"

void thimble_fill_64(int32_t count, uint64_t value, void *destination) {
  uint64_t *const to = (uint64_t *)destination;
  for (int32_t i = 0; i < count; ++i) to[i] = value;
}
