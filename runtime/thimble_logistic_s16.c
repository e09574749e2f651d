#include "thimble_softmax.h"

void thimble_logistic_s16(const thimble_logistic_s16_params *p, int32_t count, const int16_t *input,
                          int16_t *output) {
  const int32_t rounding = p->shift > 0 ? (int32_t)1 << (p->shift - 1) : 0;
  for (int32_t i = 0; i < count; ++i) {
    const int32_t x = (int32_t)(((int64_t)input[i] * p->multiplier + rounding) >> p->shift);
    const uint32_t magnitude = x < 0 ? 0u - (uint32_t)x : (uint32_t)x;
    const uint32_t sample = magnitude >> 9;
    uint32_t y = (uint32_t)0x7FFF << 10;
    if (sample < 255) {
      const uint32_t low = p->sigmoid[sample];
      y = (low << 9) + (magnitude & 511u) * (p->sigmoid[sample + 1] - low);
    }
    y = x >= 0 ? y + 512u : ((uint32_t)1 << 25) - y + 511u;
    output[i] = (int16_t)(y >> 10);
  }
}
