/* Which code of thimble_pairs.h computes a layer, where that is known when compiling. */
#ifndef THIMBLE_PAIRS_CODE_H
#define THIMBLE_PAIRS_CODE_H

#include "thimble_dsp.h"

/* The inner loops are written out for cores with the DSP extension; everything else takes the portable twin. */
#if defined(THIMBLE_DSP) && defined(__thumb2__)
#define THIMBLE_PAIRS_ASSEMBLY 1
#endif

/* How a group ends. */
enum {
  THIMBLE_SCALE_RELU = 0,   /* z is the least output */
  THIMBLE_SCALE_SIGNED = 1, /* any z */
  THIMBLE_SCALE_COMMON = 2  /* any z; one multiplier, addend and shift for all channels of the group */
};

/* Four channels of one pixel. */
typedef struct thimble_single_code {
  /* Where a group begins, where the written-out loop is entered, what comes behind it and how a group ends. */
  const char *first, *entry, *behind, *ending;
  int32_t kind; /* how a group ends */
  int32_t wide; /* weights have halfwords of their own, doubled, as the sums to begin with are */
  int32_t group_words;
} thimble_single_code;

/* The first four for a layer of `depth` inputs, a multiple of 4. The loops take 8 inputs at a time, 4 times; they are entered so
 * that they end with the last of them. */
#ifdef THIMBLE_PAIRS_ASSEMBLY
extern const char thimble_singles_four[], thimble_singles_loop[], thimble_singles_wide_four[],
    thimble_singles_wide_loop[], thimble_singles_split[], thimble_singles_relu[], thimble_singles_signed[],
    thimble_singles_common[];
#define THIMBLE_SINGLES_SKIPPED(depth) ((4 - (depth) / 8 % 4) % 4)
#define THIMBLE_SINGLES_ENDING(kind)                       \
  ((kind) == THIMBLE_SCALE_RELU     ? thimble_singles_relu \
   : (kind) == THIMBLE_SCALE_SIGNED ? thimble_singles_signed : thimble_singles_common)
#define THIMBLE_SINGLES_BEHIND(kind, wide) ((wide) ? THIMBLE_SINGLES_ENDING(kind) : thimble_singles_split)
#define THIMBLE_SINGLES_ENTRY(depth, kind, wide)                                 \
  ((depth) < 8 ? THIMBLE_SINGLES_BEHIND(kind, wide)                              \
   : (wide)    ? thimble_singles_wide_loop + 84 * THIMBLE_SINGLES_SKIPPED(depth) \
               : thimble_singles_loop + 108 * THIMBLE_SINGLES_SKIPPED(depth))
#define THIMBLE_SINGLES_FIRST(depth, kind, wide)                       \
  ((depth) % 8 == 0 ? THIMBLE_SINGLES_ENTRY(depth, kind, wide)         \
   : (wide)         ? thimble_singles_wide_four : thimble_singles_four)
#else
#define THIMBLE_SINGLES_ENDING(kind) 0
#define THIMBLE_SINGLES_BEHIND(kind, wide) 0
#define THIMBLE_SINGLES_ENTRY(depth, kind, wide) 0
#define THIMBLE_SINGLES_FIRST(depth, kind, wide) 0
#endif

#endif
