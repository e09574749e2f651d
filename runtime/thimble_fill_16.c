#include "thimble_movement.h"

void thimble_fill_16(int32_t count, uint16_t value, void *destination) {
  uint16_t *const to = (uint16_t *)destination;
  for (int32_t i = 0; i < count; ++i) to[i] = value;
}
