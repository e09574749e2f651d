#include "thimble_pairs.h"
#include "thimble_pairs_endings.h"

#ifdef THIMBLE_PAIRS_ASSEMBLY

/* Registers: r0 inputs, lr stream, r1 r2 pairs of inputs, r3 r12 weights; sums of the channels: r4 .. r11,
 * where r5, r7, r9 and r11 hold 256 * (their own) + (their neighbour's) until the end, if weights share halfwords. */

/* One pair of inputs and four channels. */
#define PAIR(x, raw0, even0, raw1, even1)                         \
  "ldrd r3, r12, [lr], #8\n"                                      \
  "smlad " raw0 ", " x ", r3, " raw0 "\n"                         \
  "smlad " raw1 ", " x ", r12, " raw1 "\n"                        \
  "sxtb16.w r3, r3\n"                                             \
  "sxtb16.w r12, r12\n"                                           \
  "smlad " even0 ", " x ", r3, " even0 "\n"                       \
  "smlad " even1 ", " x ", r12, " even1 "\n"
#define PAIR8(x) PAIR(x, "r5", "r4", "r7", "r6") PAIR(x, "r9", "r8", "r11", "r10")
/* Four inputs: 31 instructions of 4 bytes, THIMBLE_OCTETS_FOUR, for 32 products. */
#define FOUR                                                      \
  "ldr.w r1, [r0], #4\n"                                          \
  "sxtb16.w r2, r1\n"                                             \
  "sxtb16.w r1, r1, ror #8\n" PAIR8("r2") PAIR8("r1")

/* Weights with halfwords of their own: 27 instructions. */
#define PAIR_WIDE(x, sum0, sum1)                                  \
  "ldrd r3, r12, [lr], #8\n"                                      \
  "smlad " sum0 ", " x ", r3, " sum0 "\n"                         \
  "smlad " sum1 ", " x ", r12, " sum1 "\n"
#define PAIR8_WIDE(x)                                             \
  PAIR_WIDE(x, "r4", "r5") PAIR_WIDE(x, "r6", "r7") PAIR_WIDE(x, "r8", "r9") PAIR_WIDE(x, "r10", "r11")
#define FOUR_WIDE                                                 \
  "ldr.w r1, [r0], #4\n"                                          \
  "sxtb16.w r2, r1\n"                                             \
  "sxtb16.w r1, r1, ror #8\n" PAIR8_WIDE("r2") PAIR8_WIDE("r1")
#define FOUR_TIMES(x) x x x x
/* Goes on with the run at r12. */
#define RUN                                                       \
  "ldm r12!, {r0, r1, r2}\n"                                      \
  "str r12, [sp]\n"                                               \
  "str r1, [sp, #4]\n"                                            \
  "bx r2\n"
#define LOOP(name, fours)                                         \
  ".thumb_func\n" #name ":\n" fours                               \
  "ldr r12, [sp, #4]\n"                                           \
  "cmp r0, r12\n"                                                 \
  "bne.w " #name "\n"                                             \
  "ldr r12, [sp]\n" RUN

#define OUTPUTS "ldr r0, [sp, #12]\n"
#define EIGHT(one) one("r4") one("r5") one("r6") one("r7") one("r8") one("r9") one("r10") one("r11")
/* The next group, if there is one. */
#define ENDING(name, text)                                        \
  ".thumb_func\n" #name ":\n" text                                \
  "str r0, [sp, #12]\n"                                           \
  "ldr r12, [sp, #16]\n"                                          \
  "subs r12, r12, #1\n"                                           \
  "str r12, [sp, #16]\n"                                          \
  "bne.w 1b\n"                                                    \
  "b 2f\n"

/* groups * 8 outputs. On the stack: the next run, the end of the present one, the runs, the outputs, groups left. */
__attribute__((naked, used)) static void thimble_octet_groups(const thimble_octet_run *runs __attribute__((unused)),
                                                 const int32_t *stream __attribute__((unused)),
                                                 int8_t *y __attribute__((unused)),
                                                 int32_t groups __attribute__((unused))) {
  __asm__(
      ".global thimble_octets_loop\n .global thimble_octets_wide_loop\n .global thimble_octets_split\n"
      ".global thimble_octets_relu\n .global thimble_octets_signed\n .global thimble_octets_common\n"
      "push {r0, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
      "sub sp, #8\n"
      "mov lr, r1\n"
      "1: ldm lr!, {r4, r5, r6, r7, r8, r9, r10, r11}\n"
      "ldr r12, [sp, #8]\n"
      RUN
      LOOP(thimble_octets_loop, FOUR_TIMES(FOUR FOUR))
      LOOP(thimble_octets_wide_loop, FOUR_TIMES(FOUR_WIDE))
      ".thumb_func\n thimble_octets_split:\n" THIMBLE_SPLIT
      "bx r0\n"
      ENDING(thimble_octets_relu, OUTPUTS EIGHT(THIMBLE_RELU))
      ENDING(thimble_octets_signed, OUTPUTS EIGHT(THIMBLE_SIGNED))
      ENDING(thimble_octets_common, OUTPUTS "ldm lr!, {r1, r2, r3}\n" EIGHT(THIMBLE_COMMON))
      "2: add sp, #20\n"
      "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

static void octet_groups(const thimble_octet_layer *layer, const thimble_octet_run *runs, const int32_t *stream,
                         int8_t *y, int32_t groups) {
  (void)layer;
  thimble_octet_groups(runs, stream, y, groups);
}

#else

/* Two inputs and the words of a group's weights for them; returns the next word. */
static const int32_t *add_inputs(const thimble_octet_layer *layer, int32_t x0, int32_t x1, const int32_t *stream,
                                 uint32_t sums[8]) {
  const int32_t step = layer->wide ? 1 : 2;
  for (int32_t c = 0; c < 8; c += step, ++stream) {
    if (layer->wide) {
      sums[c] += thimble_pair_product(x0, x1, *stream);
    } else {
      thimble_add_pair(x0, x1, *stream, sums + c);
    }
  }
  return stream;
}

static void octet_groups(const thimble_octet_layer *layer, const thimble_octet_run *runs, const int32_t *stream,
                         int8_t *y, int32_t groups) {
  for (; groups > 0; --groups, y += 8) {
    uint32_t sums[8];
    for (int32_t c = 0; c < 8; ++c) sums[c] = (uint32_t)*stream++;
    for (const thimble_octet_run *run = runs; run->entry != THIMBLE_OCTETS_END; ++run) {
      const int8_t *const x = run->entry == THIMBLE_OCTETS_INPUT ? layer->inputs : layer->others;
      for (uint32_t i = run->x; i < run->end; i += 4) {
        stream = add_inputs(layer, x[i], x[i + 2], stream, sums);
        stream = add_inputs(layer, x[i + 1], x[i + 3], stream, sums);
      }
    }
    for (int32_t c = 0; c < 8; ++c) {
      const int32_t sum = layer->wide ? (int32_t)sums[c] >> 1 : thimble_pair_sum(sums, c);
      y[c] = (int8_t)thimble_pairs_scaled(sum, stream, layer->kind);
      if (layer->kind != THIMBLE_SCALE_COMMON) stream += 3;
    }
    if (layer->kind == THIMBLE_SCALE_COMMON) stream += 3;
  }
}

#endif

void thimble_octets(const thimble_octet_layer *layer, const thimble_octet_run *runs, const int32_t *stream, int8_t *y,
                    int32_t channels) {
  const int32_t whole = channels / 8;
  const int32_t rest = channels % 8;
  if (whole > 0) octet_groups(layer, runs, stream, y, whole);
  if (rest > 0) {
    int8_t last[8];
    octet_groups(layer, runs, stream + whole * layer->group_words, last, 1);
    for (int32_t c = 0; c < rest; ++c) y[8 * whole + c] = last[c];
  }
  thimble_keep_limits(layer->limits, y, channels);
}
