#include "thimble_lookup.h"

void thimble_lookup_8(const uint8_t table[256], int32_t count, const void *input, void *output) {
  const uint8_t *const from = (const uint8_t *)input;
  uint8_t *const to = (uint8_t *)output;
  for (int32_t i = 0; i < count; ++i) to[i] = table[from[i]];
}
