#include "thimble_fixed_point.h"
#include "thimble_reciprocal.h"
#include "thimble_softmax.h"

/* The function at v in [-32768, 32767], between its samples at multiples of 128. */
static int32_t interpolate(const int16_t *table, int32_t v) {
  const int32_t sample = 256 + (v >> 7);
  const int32_t base = table[sample];
  const int32_t slope = table[sample + 1] - base;
  return base + ((slope * (v & 127) + 64) >> 7);
}

static int32_t exponential(const thimble_softmax_s16_params *p, int32_t difference) {
  const int32_t scaled = thimble_requantise(difference, p->multiplier, p->shift);
  return interpolate(p->exponentials,
                     thimble_clamp(thimble_add_wrapping(scaled, 32767), INT16_MIN, INT16_MAX));
}

void thimble_softmax_s16(const thimble_softmax_s16_params *p, int32_t begin, int32_t end,
                         const int16_t *input, int16_t *output) {
  int32_t largest = INT16_MIN;
  for (int32_t i = 0; i < p->depth; ++i) largest = input[i] > largest ? input[i] : largest;
  int32_t sum = 0;
  for (int32_t i = 0; i < p->depth; ++i) sum = thimble_add_wrapping(sum, exponential(p, input[i] - largest));
  const int32_t zeros = thimble_leading_zeros((uint32_t)sum);
  const int32_t mantissa = (int32_t)((((int64_t)sum << (zeros - 1)) + (1 << 13)) >> 14);
  const int32_t reciprocal =
      interpolate(p->reciprocals, thimble_clamp(mantissa - (32768 + 65536), INT16_MIN, INT16_MAX));
  const int32_t right = 31 - zeros;
  for (int32_t i = begin; i < end; ++i) {
    const int32_t product = exponential(p, input[i] - largest) * reciprocal;
    output[i - begin] = (int16_t)thimble_clamp((product + (1 << (right - 1))) >> right, 0, INT16_MAX);
  }
}
