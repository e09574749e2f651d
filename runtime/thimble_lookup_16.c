#include "thimble_lookup.h"

void thimble_lookup_16(const int16_t table[256], int32_t count, const void *input, int16_t *output) {
  const uint8_t *const from = (const uint8_t *)input;
  for (int32_t i = 0; i < count; ++i) output[i] = table[from[i]];
}
