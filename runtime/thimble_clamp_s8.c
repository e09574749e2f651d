#include "thimble_clamp_s8.h"

#include "thimble_dsp.h"
#include "thimble_fixed_point.h"

void thimble_clamp_s8(int32_t count, int32_t minimum, int32_t maximum, int8_t *y) {
  const int8_t *const end = y + count;
  if (minimum == INT8_MIN && maximum == INT8_MAX) return;
#ifdef THIMBLE_DSP
  {
    const uint32_t low = (uint8_t)minimum * 0x01010101u, high = (uint8_t)maximum * 0x01010101u;
    for (; end - y >= 4; y += 4) {
      uint32_t bytes = thimble_load4(y), differences;
      /* SSUB8 tells SEL which bytes are not below the other ones. */
      __asm__("ssub8 %1, %0, %2\n sel %0, %0, %2\n ssub8 %1, %3, %0\n sel %0, %0, %3"
              : "+r"(bytes), "=&r"(differences)
              : "r"(low), "r"(high));
      __builtin_memcpy(y, &bytes, 4);
    }
  }
#endif
  for (; y < end; ++y) *y = (int8_t)thimble_clamp(*y, minimum, maximum);
}
