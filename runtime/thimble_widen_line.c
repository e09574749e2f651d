#include "thimble_widen_line.h"

#include "thimble_dsp.h"

#ifdef THIMBLE_DSP

/* Eight inputs in seven instructions. */
#define EIGHT                                                     \
  "ldr r5, [%[x]], #4\n"                                          \
  "ldr r7, [%[x]], #4\n"                                          \
  "sxtb16 r4, r5\n"                                               \
  "sxtb16 r5, r5, ror #8\n"                                       \
  "sxtb16 r6, r7\n"                                               \
  "sxtb16 r7, r7, ror #8\n"                                       \
  "stm %[to]!, {r4, r5, r6, r7}\n"

uint32_t *thimble_widen_line(const int8_t *x, int32_t count, uint32_t *to) {
  __asm__ volatile(
      "subs %[count], %[count], #16\n"
      "blt 2f\n"
      "1: subs %[count], %[count], #16\n" EIGHT EIGHT
      "bge 1b\n"
      "2: adds %[count], %[count], #16\n"
      "beq 4f\n"
      "3: ldr r5, [%[x]], #4\n"
      "subs %[count], %[count], #4\n"
      "sxtb16 r4, r5\n"
      "sxtb16 r5, r5, ror #8\n"
      "stm %[to]!, {r4, r5}\n"
      "bne 3b\n"
      "4:\n"
      : [x] "+r"(x), [count] "+r"(count), [to] "+r"(to)
      :
      : "r4", "r5", "r6", "r7", "cc", "memory");
  return to;
}

#else

uint32_t *thimble_widen_line(const int8_t *x, int32_t count, uint32_t *to) {
  for (const int8_t *const end = x + count; x < end; x += 4, to += 2) {
    to[0] = (uint32_t)(uint16_t)x[0] | (uint32_t)(uint16_t)x[2] << 16;
    to[1] = (uint32_t)(uint16_t)x[1] | (uint32_t)(uint16_t)x[3] << 16;
  }
  return to;
}

#endif
