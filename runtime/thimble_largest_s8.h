/* Largest of several runs of int8 data, one run after the other. */
#ifndef THIMBLE_LARGEST_S8_H
#define THIMBLE_LARGEST_S8_H

#include <stdint.h>

#include "thimble_dsp.h"

/* y[i] = the larger of x[i] and z[i], for i < count. z is x for the first of several runs, and then y. */
static inline void thimble_larger_s8(int32_t count, const int8_t *x, const int8_t *z, int8_t *y) {
#if defined(THIMBLE_DSP) && defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1)
  /* Written out because GCC moves the predicate of the last round through general registers. */
  if (count <= 0) return;
  __asm__ volatile(
      "dlstp.8 lr, %[count]\n"
      "1: vldrb.8 q0, [%[x]], #16\n"
      "vldrb.8 q1, [%[z]], #16\n"
      "vmax.s8 q0, q0, q1\n"
      "vstrb.8 q0, [%[y]], #16\n"
      "letp lr, 1b\n"
      : [x] "+r"(x), [z] "+r"(z), [y] "+r"(y)
      : [count] "r"(count)
      : "lr", "memory", "d0", "d1", "d2", "d3");
#else
  const int8_t *const end = y + count;
#ifdef THIMBLE_DSP
  if (count >= 8) {
    const int8_t *const eights = y + (count & ~7);
    uint32_t a, b, c;
    __asm__ volatile(
        "1: ldr %[a], [%[x]], #4\n"
        "ldr %[b], [%[z]], #4\n"
        "ssub8 %[c], %[a], %[b]\n"
        "sel %[c], %[a], %[b]\n"
        "ldr %[a], [%[x]], #4\n"
        "ldr %[b], [%[z]], #4\n"
        "str %[c], [%[y]], #4\n"
        "ssub8 %[c], %[a], %[b]\n"
        "sel %[c], %[a], %[b]\n"
        "str %[c], [%[y]], #4\n"
        "cmp %[y], %[eights]\n"
        "bne 1b\n"
        : [x] "+r"(x), [z] "+r"(z), [y] "+r"(y), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c)
        : [eights] "r"(eights)
        : "cc", "memory");
  }
#endif
  if (z == x) {
    while (y < end) *y++ = *x++;
  } else {
    for (; y < end; ++x, ++y) {
      const int8_t value = *x;
      if (value > *y) *y = value;
    }
  }
#endif
}

#endif
