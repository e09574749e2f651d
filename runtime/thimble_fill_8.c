#include "thimble_words.h"

#include "thimble_movement.h"

void thimble_fill_8(int32_t count, uint8_t value, void *destination) {
  uint8_t *to = (uint8_t *)destination;
#ifdef THIMBLE_WORDS
  if (count >= 16) {
    const uint32_t word = value * (uint32_t)0x01010101;
    for (int32_t odd = thimble_to_words(to); odd > 0; --odd, --count) *to++ = value;
    for (; count >= 16; count -= 16, to += 16) {
      thimble_store_word(to, word);
      thimble_store_word(to + 4, word);
      thimble_store_word(to + 8, word);
      thimble_store_word(to + 12, word);
    }
  }
#endif
  for (; count > 0; --count) *to++ = value;
}
