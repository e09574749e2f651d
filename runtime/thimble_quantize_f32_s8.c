#include "thimble_fixed_point.h"
#include "thimble_float.h"
#include "thimble_quantize.h"

void thimble_quantize_f32_s8(const thimble_quantize_params *p, int32_t count, const float *input,
                             int8_t *output) {
  for (int32_t i = 0; i < count; ++i) {
    /* Clamped first, so that the zero point cannot overflow. */
    const int32_t rounded = thimble_clamp(thimble_round_f32(input[i] / p->scale), -131072, 131072);
    output[i] = (int8_t)thimble_clamp(rounded + p->zero_point, INT8_MIN, INT8_MAX);
  }
}
