/* memcpy, memmove, memset, memcmp for bare-metal firmware (see string.h). Words where both sides are aligned,
 * bytes elsewhere. Built with -fno-tree-loop-distribute-patterns, else the compiler would turn these loops
 * into calls of themselves. */
#include <stddef.h>
#include <stdint.h>

#include "string.h"

typedef uint32_t __attribute__((may_alias)) word;

#define ALIGNED(p) (((uintptr_t)(p)&3u) == 0u)

void *memcpy(void *restrict to, const void *restrict from, size_t n) {
  unsigned char *d = to;
  const unsigned char *s = from;
  if ((((uintptr_t)d ^ (uintptr_t)s) & 3u) == 0u && n >= 8u) {
    for (; !ALIGNED(d); n--) *d++ = *s++;
    for (; n >= 16u; n -= 16u, d += 16, s += 16) {
      word *dw = (word *)(void *)d;
      const word *sw = (const word *)(const void *)s;
      word a = sw[0], b = sw[1], c = sw[2], e = sw[3];
      dw[0] = a;
      dw[1] = b;
      dw[2] = c;
      dw[3] = e;
    }
    for (; n >= 4u; n -= 4u, d += 4, s += 4) *(word *)(void *)d = *(const word *)(const void *)s;
  }
  for (; n != 0u; n--) *d++ = *s++;
  return to;
}

void *memmove(void *to, const void *from, size_t n) {
  unsigned char *d = to;
  const unsigned char *s = from;
  if ((uintptr_t)d - (uintptr_t)s >= n) { /* ascending is safe: the target does not start inside the source */
    if ((((uintptr_t)d ^ (uintptr_t)s) & 3u) == 0u && n >= 8u) {
      for (; !ALIGNED(d); n--) *d++ = *s++;
      for (; n >= 4u; n -= 4u, d += 4, s += 4) *(word *)(void *)d = *(const word *)(const void *)s;
    }
    for (; n != 0u; n--) *d++ = *s++;
    return to;
  }
  d += n;
  s += n;
  if ((((uintptr_t)d ^ (uintptr_t)s) & 3u) == 0u && n >= 8u) {
    for (; !ALIGNED(d); n--) *--d = *--s;
    for (; n >= 4u; n -= 4u) {
      d -= 4;
      s -= 4;
      *(word *)(void *)d = *(const word *)(const void *)s;
    }
  }
  for (; n != 0u; n--) *--d = *--s;
  return to;
}

void *memset(void *to, int value, size_t n) {
  unsigned char *d = to;
  const unsigned char byte = (unsigned char)value;
  if (n >= 8u) {
    const word pattern = 0x01010101u * byte;
    for (; !ALIGNED(d); n--) *d++ = byte;
    for (; n >= 16u; n -= 16u, d += 16) {
      word *w = (word *)(void *)d;
      w[0] = pattern;
      w[1] = pattern;
      w[2] = pattern;
      w[3] = pattern;
    }
    for (; n >= 4u; n -= 4u, d += 4) *(word *)(void *)d = pattern;
  }
  for (; n != 0u; n--) *d++ = byte;
  return to;
}

int memcmp(const void *a, const void *b, size_t n) {
  const unsigned char *p = a, *q = b;
  for (; n != 0u; n--, p++, q++) {
    if (*p != *q) return *p < *q ? -1 : 1;
  }
  return 0;
}
