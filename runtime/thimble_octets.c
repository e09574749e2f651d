#include "thimble_pairs.h"

#ifdef THIMBLE_PAIRS_ASSEMBLY

/* Registers: r0 inputs, lr stream, r1 r2 pairs of inputs, r3 r12 weights; sums of channel c: r5 r4 r7 r6 r9 r8 r11
 * r10, where r4, r6, r8 and r10 hold 256 * (their own) + (their neighbour's) until the end. */

/* One pair of inputs and four channels. */
#define PAIR(x, raw0, even0, raw1, even1)                         \
  "ldrd r3, r12, [lr], #8\n"                                      \
  "smlad " raw0 ", " x ", r3, " raw0 "\n"                         \
  "smlad " raw1 ", " x ", r12, " raw1 "\n"                        \
  "sxtb16.w r3, r3\n"                                             \
  "sxtb16.w r12, r12\n"                                           \
  "smlad " even0 ", " x ", r3, " even0 "\n"                       \
  "smlad " even1 ", " x ", r12, " even1 "\n"
#define PAIR8(x) PAIR(x, "r4", "r5", "r6", "r7") PAIR(x, "r8", "r9", "r10", "r11")
/* Four inputs: 31 instructions of 4 bytes for 32 products. */
#define FOUR                                                      \
  "ldr.w r1, [r0], #4\n"                                          \
  "sxtb16.w r2, r1\n"                                             \
  "sxtb16.w r1, r1, ror #8\n" PAIR8("r2") PAIR8("r1")
#define FOUR_BYTES 124
#define UNROLLED 4

/* Twice the sums. */
#define SPLIT(raw, even)                                          \
  "subs " raw ", " raw ", " even "\n"                             \
  "asr " raw ", " raw ", #7\n"                                    \
  "lsl " even ", " even ", #1\n"
#define SPLIT8                                                    \
  SPLIT("r4", "r5") SPLIT("r6", "r7") SPLIT("r8", "r9") SPLIT("r10", "r11") "ldr r0, [sp, #12]\n"
#define STORE(sum)                                                \
  "asr " sum ", " sum ", r3\n"                                    \
  "ssat " sum ", #8, " sum "\n"                                   \
  "strb " sum ", [r0], #1\n"
#define RELU(sum)                                                 \
  "ldm lr!, {r1, r2, r3}\n"                                       \
  "smmlar " sum ", " sum ", r1, r2\n" STORE(sum)
#define COMMON(sum)                                               \
  "add r12, r2, " sum ", asr #31\n"                               \
  "smmlar " sum ", " sum ", r1, r12\n" STORE(sum)
#define SIGNED(sum) "ldm lr!, {r1, r2, r3}\n" COMMON(sum)
#define EIGHT(one) one("r5") one("r4") one("r7") one("r6") one("r9") one("r8") one("r11") one("r10")

/* groups * 8 outputs. On the stack: the next run, the end of the present one, the runs, the outputs, groups left. */
__attribute__((naked, used)) static void thimble_octet_groups(const thimble_octet_run *runs __attribute__((unused)),
                                                 const int32_t *stream __attribute__((unused)),
                                                 int8_t *y __attribute__((unused)),
                                                 int32_t groups __attribute__((unused))) {
  __asm__(
      ".global thimble_octets_loop\n .global thimble_octets_relu\n .global thimble_octets_signed\n"
      ".global thimble_octets_common\n"
      "push {r0, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
      "sub sp, #8\n"
      "mov lr, r1\n"
      "1: ldm lr!, {r4, r5, r6, r7, r8, r9, r10, r11}\n"
      "ldr r12, [sp, #8]\n"
      "2: ldm r12!, {r0, r1, r2}\n"
      "str r12, [sp]\n"
      "str r1, [sp, #4]\n"
      "bx r2\n"
      ".thumb_func\n"
      "thimble_octets_loop:\n" FOUR FOUR FOUR FOUR
      "ldr r12, [sp, #4]\n"
      "cmp r0, r12\n"
      "bne thimble_octets_loop\n"
      "ldr r12, [sp]\n"
      "b 2b\n"
      ".thumb_func\n"
      "thimble_octets_relu:\n" SPLIT8 EIGHT(RELU)
      "b 3f\n"
      ".thumb_func\n"
      "thimble_octets_signed:\n" SPLIT8 EIGHT(SIGNED)
      "b 3f\n"
      ".thumb_func\n"
      "thimble_octets_common:\n" SPLIT8
      "ldm lr!, {r1, r2, r3}\n" EIGHT(COMMON)
      "3: str r0, [sp, #12]\n"
      "ldr r12, [sp, #16]\n"
      "subs r12, r12, #1\n"
      "str r12, [sp, #16]\n"
      "bne 1b\n"
      "add sp, #20\n"
      "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

extern void thimble_octets_loop(void), thimble_octets_relu(void), thimble_octets_signed(void),
    thimble_octets_common(void);

static thimble_octet_run run_of(const int8_t *x, int32_t count) {
  const uint32_t first = ((uint32_t)count / 4) % UNROLLED;
  const uint32_t skipped = first == 0 ? 0 : UNROLLED - first;
  const thimble_octet_run run = {(uint32_t)x, (uint32_t)(x + count),
                                 (uint32_t)&thimble_octets_loop + skipped * FOUR_BYTES};
  return run;
}

thimble_octet_run thimble_octet_input(const thimble_octet_places *places, const int8_t *x, int32_t count) {
  (void)places;
  return run_of(x, count);
}

thimble_octet_run thimble_octet_other(const thimble_octet_places *places, const int8_t *x, int32_t count) {
  (void)places;
  return run_of(x, count);
}

thimble_octet_run thimble_octet_end(int32_t kind) {
  const thimble_octet_run end = {0, 0,
                                 kind == THIMBLE_SCALE_RELU     ? (uint32_t)&thimble_octets_relu
                                 : kind == THIMBLE_SCALE_SIGNED ? (uint32_t)&thimble_octets_signed
                                                                : (uint32_t)&thimble_octets_common};
  return end;
}

static void octet_groups(const thimble_octet_run *runs, const thimble_octet_places *places, const int32_t *stream,
                         int8_t *y, int32_t groups) {
  (void)places;
  thimble_octet_groups(runs, stream, y, groups);
}

#else

/* `entry` is the place of a run, and how the group ends behind the last one. */
enum { INPUTS, OTHERS, END };

thimble_octet_run thimble_octet_input(const thimble_octet_places *places, const int8_t *x, int32_t count) {
  const thimble_octet_run run = {(uint32_t)(x - places->inputs), (uint32_t)(x - places->inputs + count), INPUTS};
  return run;
}

thimble_octet_run thimble_octet_other(const thimble_octet_places *places, const int8_t *x, int32_t count) {
  const thimble_octet_run run = {(uint32_t)(x - places->others), (uint32_t)(x - places->others + count), OTHERS};
  return run;
}

thimble_octet_run thimble_octet_end(int32_t kind) {
  const thimble_octet_run end = {0, 0, (uint32_t)(END + kind)};
  return end;
}

static void octet_groups(const thimble_octet_run *runs, const thimble_octet_places *places, const int32_t *stream,
                         int8_t *y, int32_t groups) {
  for (; groups > 0; --groups, y += 8) {
    uint32_t sums[8];
    for (int32_t c = 0; c < 8; ++c) sums[c] = (uint32_t)*stream++;
    const thimble_octet_run *run = runs;
    for (; run->entry < END; ++run) {
      const int8_t *const x = run->entry == INPUTS ? places->inputs : places->others;
      for (uint32_t i = run->x; i < run->end; i += 4) {
        for (uint32_t k = i; k < i + 2; ++k) {
          for (int32_t c = 0; c < 8; c += 2) thimble_add_pair(x[k], x[k + 2], *stream++, sums + c);
        }
      }
    }
    const int32_t kind = (int32_t)run->entry - END;
    for (int32_t c = 0; c < 8; ++c) {
      y[c] = (int8_t)thimble_pairs_scaled(thimble_pair_sum(sums, c), stream, kind);
      if (kind != THIMBLE_SCALE_COMMON) stream += 3;
    }
    if (kind == THIMBLE_SCALE_COMMON) stream += 3;
  }
}

#endif

void thimble_octets(const thimble_octet_run *runs, const thimble_octet_places *places, const int32_t *stream,
                    int32_t group_words, int8_t *y, int32_t channels) {
  const int32_t whole = channels / 8;
  const int32_t rest = channels % 8;
  if (whole > 0) octet_groups(runs, places, stream, y, whole);
  if (rest > 0) {
    int8_t last[8];
    octet_groups(runs, places, stream + whole * group_words, last, 1);
    for (int32_t c = 0; c < rest; ++c) y[8 * whole + c] = last[c];
  }
}
