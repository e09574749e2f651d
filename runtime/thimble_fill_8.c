#include "thimble_movement.h"

void thimble_fill_8(int32_t count, uint8_t value, void *destination) {
  uint8_t *const to = (uint8_t *)destination;
  for (int32_t i = 0; i < count; ++i) to[i] = value;
}
