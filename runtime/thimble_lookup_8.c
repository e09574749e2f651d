#include "thimble_lookup.h"

void thimble_lookup_8(const uint8_t table[256], int32_t count, const void *input, void *output) {
  const uint8_t *from = (const uint8_t *)input;
  uint8_t *to = (uint8_t *)output;
#if defined(__ARM_FEATURE_MVE) && defined(__GNUC__)
  if (count <= 0) return;
  __asm__ volatile(
      "dlstp.8 lr, %[count]\n"
      "1: vldrb.u8 q0, [%[from]], #16\n"
      "vldrb.u8 q1, [%[table], q0]\n"
      "vstrb.8 q1, [%[to]], #16\n"
      "letp lr, 1b\n"
      : [from] "+r"(from), [to] "+r"(to)
      : [count] "r"(count), [table] "r"(table)
      : "lr", "memory", "d0", "d1", "d2", "d3");
#else
  for (; count >= 4; count -= 4, from += 4, to += 4) {
    const uint8_t a = table[from[0]], b = table[from[1]];
    to[0] = a;
    to[1] = b;
    const uint8_t c = table[from[2]], d = table[from[3]];
    to[2] = c;
    to[3] = d;
  }
  for (; count > 0; --count) *to++ = table[*from++];
#endif
}
