#include "thimble_quantize.h"

void thimble_requantize_s32_s16(const thimble_requantize_params *p, int32_t count, const int32_t *input,
                                int16_t *output) {
  for (int32_t i = 0; i < count; ++i) output[i] = (int16_t)thimble_requantize_one(p, input[i]);
}
