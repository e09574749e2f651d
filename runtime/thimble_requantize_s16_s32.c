#include "thimble_quantize.h"

void thimble_requantize_s16_s32(const thimble_requantize_params *p, int32_t count, const int16_t *input,
                                int32_t *output) {
  for (int32_t i = 0; i < count; ++i) output[i] = thimble_requantize_one(p, input[i]);
}
