#include "thimble_fixed_point.h"
#include "thimble_leaky_relu.h"

void thimble_leaky_relu_s16(const thimble_leaky_relu_params *p, int32_t count, const int16_t *input,
                            int16_t *output) {
  for (int32_t i = 0; i < count; ++i) {
    const int32_t x = input[i] - p->input_zero_point;
    const int32_t scaled = x >= 0 ? thimble_requantise(x, p->multiplier, p->shift)
                                  : thimble_requantise(x, p->negative_multiplier, p->negative_shift);
    output[i] =
        (int16_t)thimble_clamp(thimble_add_wrapping(scaled, p->output_zero_point), INT16_MIN, INT16_MAX);
  }
}
