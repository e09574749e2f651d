/* Included first by kernels that move bytes: by words where the core and the addresses allow it. */
#ifndef THIMBLE_WORDS_H
#define THIMBLE_WORDS_H

#include <stdint.h>

/* Left to itself GCC makes calls of the C library of such loops, which on small cores goes byte by byte. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

#if defined(__GNUC__) && defined(__OPTIMIZE__)
#define THIMBLE_WORDS 1

#ifdef __ARM_FEATURE_UNALIGNED
#define THIMBLE_WORD_ALIGNMENT 1
#else
#define THIMBLE_WORD_ALIGNMENT 4
#endif

/* Bytes from `at` to where words may begin. */
static inline int32_t thimble_to_words(const void *at) {
  return (int32_t)(-(uintptr_t)at & (THIMBLE_WORD_ALIGNMENT - 1));
}

static inline uint32_t thimble_load_word(const uint8_t *at) {
  uint32_t word;
  __builtin_memcpy(&word, __builtin_assume_aligned(at, THIMBLE_WORD_ALIGNMENT), 4);
  return word;
}
static inline void thimble_store_word(uint8_t *at, uint32_t word) {
  __builtin_memcpy(__builtin_assume_aligned(at, THIMBLE_WORD_ALIGNMENT), &word, 4);
}

#endif

#endif
