/* How groups of output channels end where the loops of thimble_pairs.h are written out: a sum in a register becomes a
 * byte at r0. lr: the stream, at its multiplier, addend and shift, which go to r1, r2 and r3; r12 is free. */
#ifndef THIMBLE_PAIRS_ENDINGS_H
#define THIMBLE_PAIRS_ENDINGS_H

/* `to`: the register with the place of the output, which goes on. */
#define THIMBLE_STORE(sum, to)                                    \
  "asr " sum ", " sum ", r3\n"                                    \
  "ssat " sum ", #8, " sum "\n"                                   \
  "strb " sum ", [" to "], #1\n"
#define THIMBLE_RELU(sum)                                         \
  "ldm lr!, {r1, r2, r3}\n"                                       \
  "smmlar " sum ", " sum ", r1, r2\n" THIMBLE_STORE(sum, "r0")
/* With the multiplier, addend and shift that are there already. */
#define THIMBLE_COMMON(sum)                                       \
  "add r12, r2, " sum ", asr #31\n"                               \
  "smmlar " sum ", " sum ", r1, r12\n" THIMBLE_STORE(sum, "r0")
#define THIMBLE_SIGNED(sum) "ldm lr!, {r1, r2, r3}\n" THIMBLE_COMMON(sum)

/* Twice the sums of the channels in r4 .. r11, two of which share the halfwords of their weights. */
#define THIMBLE_SPLIT_2(raw, even)                                \
  "subs " raw ", " raw ", " even "\n"                             \
  "asr " raw ", " raw ", #7\n"                                    \
  "lsl " even ", " even ", #1\n"
#define THIMBLE_SPLIT                                             \
  THIMBLE_SPLIT_2("r5", "r4") THIMBLE_SPLIT_2("r7", "r6") THIMBLE_SPLIT_2("r9", "r8") THIMBLE_SPLIT_2("r11", "r10")

#endif
