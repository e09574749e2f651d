#include "thimble_words.h"

#include "thimble_movement.h"

/* Bytes that follow each other, in ascending order as if one by one. */
static void copy_run(int32_t count, const uint8_t *from, uint8_t *to) {
#if defined(__ARM_FEATURE_MVE) && defined(THIMBLE_WORDS)
  if (count <= 0) return;
  __asm__ volatile(
      "dlstp.8 lr, %[count]\n"
      "1: vldrb.8 q0, [%[from]], #16\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "letp lr, 1b\n"
      : [from] "+r"(from), [to] "+r"(to)
      : [count] "r"(count)
      : "lr", "memory", "d0", "d1");
#else
#ifdef THIMBLE_WORDS
  if (count >= 16 && thimble_to_words(from) == thimble_to_words(to)) {
    for (int32_t odd = thimble_to_words(from); odd > 0; --odd, --count) *to++ = *from++;
    for (; count >= 16; count -= 16, from += 16, to += 16) {
      const uint32_t a = thimble_load_word(from), b = thimble_load_word(from + 4);
      const uint32_t c = thimble_load_word(from + 8), d = thimble_load_word(from + 12);
      thimble_store_word(to, a);
      thimble_store_word(to + 4, b);
      thimble_store_word(to + 8, c);
      thimble_store_word(to + 12, d);
    }
    for (; count >= 4; count -= 4, from += 4, to += 4) thimble_store_word(to, thimble_load_word(from));
  }
#endif
  for (; count > 0; --count) *to++ = *from++;
#endif
}

void thimble_copy_8(int32_t count, const void *source, int32_t step, void *destination) {
  const uint8_t *from = (const uint8_t *)source;
  uint8_t *const to = (uint8_t *)destination;
  if (step == 1) {
    copy_run(count, from, to);
    return;
  }
  for (int32_t i = 0; i < count; ++i, from += step) to[i] = *from;
}
