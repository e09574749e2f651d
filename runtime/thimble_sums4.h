/* Four neighbouring partial sums (thimble_sums.h) at once. */
#ifndef THIMBLE_SUMS4_H
#define THIMBLE_SUMS4_H

#include "thimble_dsp.h"
#include "thimble_sums.h"

/* Sums number i .. i + 3. */
static inline void thimble_load_sums4(const void *sums, int32_t bytes, int32_t i, int32_t s[4]) {
#ifdef THIMBLE_DSP
  if (bytes == 3) {
    /* Words that hold one sum and a byte of its neighbour each. */
    const int8_t *const b = (const int8_t *)sums + 3 * i;
    s[0] = (int32_t)(thimble_load4(b) << 8) >> 8;
    s[1] = (int32_t)thimble_load4(b + 2) >> 8;
    s[2] = (int32_t)thimble_load4(b + 5) >> 8;
    s[3] = (int32_t)thimble_load4(b + 8) >> 8;
    return;
  }
#endif
  s[0] = thimble_sum_at(sums, bytes, i);
  s[1] = thimble_sum_at(sums, bytes, i + 1);
  s[2] = thimble_sum_at(sums, bytes, i + 2);
  s[3] = thimble_sum_at(sums, bytes, i + 3);
}

static inline void thimble_store_sums4(void *sums, int32_t bytes, int32_t i, const int32_t s[4]) {
#ifdef THIMBLE_DSP
  if (bytes == 3) {
    uint8_t *const b = ((thimble_sum24 *)sums)[i].byte;
    const uint32_t s1 = (uint32_t)s[1], s2 = (uint32_t)s[2];
    const uint32_t words[3] = {((uint32_t)s[0] & 0xffffffu) | s1 << 24, (s1 >> 8 & 0xffffu) | s2 << 16,
                               (s2 >> 16 & 0xffu) | (uint32_t)s[3] << 8};
    __builtin_memcpy(b, words, sizeof words);
    return;
  }
#endif
  thimble_set_sum(sums, bytes, i, s[0]);
  thimble_set_sum(sums, bytes, i + 1, s[1]);
  thimble_set_sum(sums, bytes, i + 2, s[2]);
  thimble_set_sum(sums, bytes, i + 3, s[3]);
}

#endif
