#include "thimble_widen.h"

#include "thimble_dsp.h"

uint32_t *thimble_widen(const int8_t *x, int32_t count, uint32_t *to) {
  const int8_t *const end = x + count;
#ifdef THIMBLE_DSP
  for (; x + 16 <= end; x += 16, to += 16) {
    const uint32_t a = thimble_load4(x), b = thimble_load4(x + 4);
    to[0] = thimble_even(a);
    to[2] = thimble_odd(a);
    to[4] = thimble_even(b);
    to[6] = thimble_odd(b);
    {
      const uint32_t c = thimble_load4(x + 8), d = thimble_load4(x + 12);
      to[8] = thimble_even(c);
      to[10] = thimble_odd(c);
      to[12] = thimble_even(d);
      to[14] = thimble_odd(d);
    }
  }
  for (; x < end; x += 4, to += 4) {
    const uint32_t bytes = thimble_load4(x);
    to[0] = thimble_even(bytes);
    to[2] = thimble_odd(bytes);
  }
#else
  for (; x < end; x += 4, to += 4) {
    to[0] = (uint32_t)(uint16_t)x[0] | (uint32_t)(uint16_t)x[2] << 16;
    to[2] = (uint32_t)(uint16_t)x[1] | (uint32_t)(uint16_t)x[3] << 16;
  }
#endif
  return to;
}
