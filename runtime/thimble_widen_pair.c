#include "thimble_widen_pair.h"

#include "thimble_dsp.h"
#include "thimble_widen.h"

uint32_t *thimble_widen_pair(const int8_t *x0, const int8_t *x1, int32_t count, uint32_t *to) {
#ifdef THIMBLE_DSP
  const int8_t *const end = x0 + count;
  __asm__ volatile(
      "1: ldr r6, [%[x0]], #4\n"
      "ldr r7, [%[x1]], #4\n"
      "cmp %[x0], %[end]\n"
      "sxtb16 r4, r6\n"
      "sxtb16 r5, r7\n"
      "sxtb16 r6, r6, ror #8\n"
      "sxtb16 r7, r7, ror #8\n"
      "stm %[to]!, {r4, r5, r6, r7}\n"
      "bne 1b\n"
      : [x0] "+r"(x0), [x1] "+r"(x1), [to] "+r"(to)
      : [end] "r"(end)
      : "r4", "r5", "r6", "r7", "cc", "memory");
  return to;
#else
  thimble_widen(x0, count, to);
  return thimble_widen(x1, count, to + 1) - 1;
#endif
}
