/* Four bytes at a time, for cores with the DSP extension of Armv7E-M and Armv8-M (Cortex-M4, M7, M33, M55):
 * pairs of 16-bit products in one instruction. Everything else takes the portable loops; both give the same
 * sums. */
#ifndef THIMBLE_DSP_H
#define THIMBLE_DSP_H

#include <stdint.h>

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_UNALIGNED) && defined(__GNUC__) && \
    defined(__OPTIMIZE__)
#define THIMBLE_DSP 1

/* Bytes at[0] .. at[3], the first one lowest, at any address. */
static inline uint32_t thimble_load4(const int8_t *at) {
  uint32_t bytes;
  __builtin_memcpy(&bytes, at, 4);
  return bytes;
}

/* Bytes 0 and 2, or 1 and 3, as signed halfwords. */
static inline uint32_t thimble_even(uint32_t bytes) {
  uint32_t pair;
  __asm__("sxtb16 %0, %1" : "=r"(pair) : "r"(bytes));
  return pair;
}
static inline uint32_t thimble_odd(uint32_t bytes) {
  uint32_t pair;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(bytes));
  return pair;
}

/* The same plus the halfwords of `addend`, each modulo 2^16. */
static inline uint32_t thimble_add_even(uint32_t addend, uint32_t bytes) {
  uint32_t pair;
  __asm__("sxtab16 %0, %1, %2" : "=r"(pair) : "r"(addend), "r"(bytes));
  return pair;
}
static inline uint32_t thimble_add_odd(uint32_t addend, uint32_t bytes) {
  uint32_t pair;
  __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(pair) : "r"(addend), "r"(bytes));
  return pair;
}

/* a.low b.low, a.high b.high. */
static inline uint32_t thimble_join_low(uint32_t a, uint32_t b) {
  uint32_t pair;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pair) : "r"(a), "r"(b));
  return pair;
}
static inline uint32_t thimble_join_high(uint32_t a, uint32_t b) {
  uint32_t pair;
  __asm__("pkhtb %0, %2, %1, asr #16" : "=r"(pair) : "r"(a), "r"(b));
  return pair;
}

/* sum + a.low * b.low + a.high * b.high modulo 2^32. */
static inline uint32_t thimble_multiply_pairs(uint32_t a, uint32_t b, uint32_t sum) {
  uint32_t total;
  __asm__("smlad %0, %1, %2, %3" : "=r"(total) : "r"(a), "r"(b), "r"(sum));
  return total;
}

/* sum + a.low * b.low, sum + a.high * b.high. */
static inline uint32_t thimble_multiply_low(uint32_t a, uint32_t b, uint32_t sum) {
  uint32_t total;
  __asm__("smlabb %0, %1, %2, %3" : "=r"(total) : "r"(a), "r"(b), "r"(sum));
  return total;
}
static inline uint32_t thimble_multiply_high(uint32_t a, uint32_t b, uint32_t sum) {
  uint32_t total;
  __asm__("smlatt %0, %1, %2, %3" : "=r"(total) : "r"(a), "r"(b), "r"(sum));
  return total;
}

/* `value`, in [-32768, 32767], in both halfwords. */
static inline uint32_t thimble_pair_of(int32_t value) {
  return ((uint32_t)value & 0xffffu) | (uint32_t)value << 16;
}

/* Both loops below are written out because compilers keep sums on the stack when registers are scarce. In
 * each round and for each row: four weights are loaded `from` their place, and `sum` gains their products
 * with the even and odd x.
 */
#define THIMBLE_DSP_ROW(from, sum)     \
  "ldr %[b], " from                    \
  "\n"                                 \
  "sxtb16 %[a], %[b]\n"                \
  "sxtb16 %[b], %[b], ror #8\n"        \
  "smlad " sum ", %[even], %[a], " sum \
  "\n"                                 \
  "smlad " sum ", %[odd], %[b], " sum "\n"

/* sums[k] gains the product of x[0 .. fours - 1] with row k of w; `fours`, a multiple of 4, is above 0. 26
 * instructions for 16 products; the end stays in memory, for GCC finds no 13 registers everywhere. */
static inline void thimble_dot4_dsp(const int8_t *x, const int8_t *w, int32_t stride, int32_t fours,
                                    uint32_t sums[4]) {
  uint32_t sum0 = sums[0], sum1 = sums[1], sum2 = sums[2], sum3 = sums[3];
  uint32_t even, odd, a, b;
  const int8_t *const end = x + fours;
  const int8_t *w2 = w + 2 * stride;
  __asm__ volatile(
      "1: ldr %[a], [%[x]], #4\n"
      "sxtb16 %[even], %[a]\n"
      "sxtb16 %[odd], %[a], ror #8\n"
      THIMBLE_DSP_ROW("[%[w], %[stride]]", "%[sum1]")
      THIMBLE_DSP_ROW("[%[w]], #4", "%[sum0]")
      THIMBLE_DSP_ROW("[%[w2], %[stride]]", "%[sum3]")
      THIMBLE_DSP_ROW("[%[w2]], #4", "%[sum2]")
      "ldr %[a], %[end]\n"
      "cmp %[x], %[a]\n"
      "bne 1b"
      : [x] "+r"(x), [w] "+r"(w), [w2] "+r"(w2), [sum0] "+r"(sum0), [sum1] "+r"(sum1), [sum2] "+r"(sum2),
        [sum3] "+r"(sum3), [even] "=&r"(even), [odd] "=&r"(odd), [a] "=&r"(a), [b] "=&r"(b)
      : [end] "m"(end), [stride] "r"(stride)
      : "cc", "memory");
  sums[0] = sum0;
  sums[1] = sum1;
  sums[2] = sum2;
  sums[3] = sum3;
}

/* Two rows, and `offset` is added to every x. 15 instructions for 8 products. */
static inline void thimble_dot2_dsp(const int8_t *x, const int8_t *w, int32_t stride, int32_t fours,
                                    int32_t offset, uint32_t sums[2]) {
  uint32_t sum0 = sums[0], sum1 = sums[1];
  uint32_t even, odd, a, b;
  const int8_t *const end = x + fours;
  __asm__ volatile(
      "1: ldr %[a], [%[x]], #4\n"
      "sxtab16 %[even], %[offsets], %[a]\n"
      "sxtab16 %[odd], %[offsets], %[a], ror #8\n"
      THIMBLE_DSP_ROW("[%[w], %[stride]]", "%[sum1]")
      THIMBLE_DSP_ROW("[%[w]], #4", "%[sum0]")
      "cmp %[x], %[end]\n"
      "bne 1b"
      : [x] "+r"(x), [w] "+r"(w), [sum0] "+r"(sum0), [sum1] "+r"(sum1), [even] "=&r"(even), [odd] "=&r"(odd),
        [a] "=&r"(a), [b] "=&r"(b)
      : [end] "r"(end), [stride] "r"(stride), [offsets] "r"(thimble_pair_of(offset))
      : "cc", "memory");
  sums[0] = sum0;
  sums[1] = sum1;
}

#undef THIMBLE_DSP_ROW

#endif

#endif
