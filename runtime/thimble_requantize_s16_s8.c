#include "thimble_quantize.h"

void thimble_requantize_s16_s8(const thimble_requantize_params *p, int32_t count, const int16_t *input,
                               int8_t *output) {
  for (int32_t i = 0; i < count; ++i) output[i] = (int8_t)thimble_requantize_one(p, input[i]);
}
