#include "thimble_float.h"
#include "thimble_quantize.h"

void thimble_dequantize_u8_f32(const thimble_quantize_params *p, int32_t count, const uint8_t *input,
                               float *output) {
  for (int32_t i = 0; i < count; ++i) output[i] = p->scale * (float)(input[i] - p->zero_point);
}
