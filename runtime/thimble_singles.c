#include "thimble_pairs.h"
#include "thimble_pairs_endings.h"

#ifdef THIMBLE_PAIRS_ASSEMBLY

/* Registers: r12 inputs, lr stream, r0 .. r3 pairs of inputs, r8 .. r11 weights; sums of the channels are in r4 .. r7,
 * where weights share halfwords r5 and r7 with their neighbours', as in thimble_octets.c. */

/* Two pairs of inputs and two words of weights of each, 16 products in 13 instructions. */
#define PAIRS(x0, x1)                                             \
  "ldm lr!, {r8, r9, r10, r11}\n"                                 \
  "smlad r5, " x0 ", r8, r5\n"                                    \
  "smlad r7, " x0 ", r9, r7\n"                                    \
  "smlad r5, " x1 ", r10, r5\n"                                   \
  "smlad r7, " x1 ", r11, r7\n"                                   \
  "sxtb16.w r8, r8\n"                                             \
  "sxtb16.w r9, r9\n"                                             \
  "sxtb16.w r10, r10\n"                                           \
  "sxtb16.w r11, r11\n"                                           \
  "smlad r4, " x0 ", r8, r4\n"                                    \
  "smlad r6, " x0 ", r9, r6\n"                                    \
  "smlad r4, " x1 ", r10, r4\n"                                   \
  "smlad r6, " x1 ", r11, r6\n"
/* Weights with halfwords of their own: a pair of inputs, 8 products in 5 instructions. */
#define PAIR_WIDE(x)                                              \
  "ldm lr!, {r8, r9, r10, r11}\n"                                 \
  "smlad r4, " x ", r8, r4\n"                                     \
  "smlad r5, " x ", r9, r5\n"                                     \
  "smlad r6, " x ", r10, r6\n"                                    \
  "smlad r7, " x ", r11, r7\n"
#define PAIRS_WIDE(x0, x1) PAIR_WIDE(x0) PAIR_WIDE(x1)

/* Eight inputs: 27 and 21 instructions of 4 bytes, as THIMBLE_SINGLES_ENTRY knows. Before them come the four that
 * those leave. */
#define EIGHT(pairs) "ldm r12!, {r0, r1, r2, r3}\n" pairs("r0", "r1") pairs("r2", "r3")
#define FOUR_TIMES(x) x x x x
#define FOUR(name, pairs)                                         \
  ".thumb_func\n" #name ":\n"                                     \
  "ldrd r0, r1, [r12], #8\n" pairs("r0", "r1")                    \
  "ldr.w pc, [sp, #12]\n"
#define LOOP(name, pairs)                                         \
  ".thumb_func\n" #name ":\n" FOUR_TIMES(EIGHT(pairs))            \
  "ldr r0, [sp, #4]\n"                                            \
  "cmp r12, r0\n"                                                 \
  "bne.w " #name "\n"

#define OUTPUTS "ldr r0, [sp, #24]\n"
#define ALL(one) one("r4") one("r5") one("r6") one("r7")
/* The next group, if there is one. */
#define ENDING(name, text)                                        \
  ".thumb_func\n" #name ":\n" text                                \
  "ldr r12, [sp, #28]\n"                                          \
  "str r0, [sp, #24]\n"                                           \
  "cmp r0, r12\n"                                                 \
  "bne.w 1b\n"                                                    \
  "b 2f\n"

/* groups * 4 outputs. On the stack: x, end, first, entry, behind and ending of the layer, the outputs and their end. */
__attribute__((naked)) static void single_groups(const thimble_single_layer *layer __attribute__((unused)),
                                                 const int32_t *stream __attribute__((unused)),
                                                 int8_t *y __attribute__((unused)),
                                                 const int8_t *y_end __attribute__((unused))) {
  __asm__(
      ".global thimble_singles_four\n .global thimble_singles_wide_four\n"
      ".global thimble_singles_loop\n .global thimble_singles_wide_loop\n .global thimble_singles_split\n"
      ".global thimble_singles_relu\n .global thimble_singles_signed\n .global thimble_singles_common\n"
      "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
      "mov lr, r1\n"
      "mov r10, r2\n"
      "mov r11, r3\n"
      "ldm r0, {r4, r5, r6}\n"
      "ldm r6, {r6, r7, r8, r9}\n"
      "push {r4, r5, r6, r7, r8, r9, r10, r11}\n"
      "1: ldm lr!, {r4, r5, r6, r7}\n"
      "ldr r12, [sp]\n"
      "ldr.w pc, [sp, #8]\n"
      FOUR(thimble_singles_four, PAIRS)
      FOUR(thimble_singles_wide_four, PAIRS_WIDE)
      LOOP(thimble_singles_wide_loop, PAIRS_WIDE)
      "ldr.w pc, [sp, #16]\n"
      /* What is behind this loop follows it. */
      LOOP(thimble_singles_loop, PAIRS)
      ".thumb_func\n thimble_singles_split:\n" THIMBLE_SPLIT_2("r5", "r4") THIMBLE_SPLIT_2("r7", "r6")
      "ldr.w pc, [sp, #20]\n"
      ENDING(thimble_singles_signed, OUTPUTS ALL(THIMBLE_SIGNED))
      ENDING(thimble_singles_common, OUTPUTS "ldm lr!, {r1, r2, r3}\n" ALL(THIMBLE_COMMON))
      ENDING(thimble_singles_relu, OUTPUTS ALL(THIMBLE_RELU))
      "2: add sp, #32\n"
      "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

#else

static void single_groups(const thimble_single_layer *layer, const int32_t *stream, int8_t *y, const int8_t *y_end) {
  const thimble_single_code *const code = layer->code;
  const int32_t words = code->wide ? 4 : 2;
  for (; y < y_end; stream += code->group_words, y += 4) {
    const int32_t *w = stream + 4;
    uint32_t sums[4];
    for (int32_t c = 0; c < 4; ++c) sums[c] = (uint32_t)stream[c];
    for (const uint32_t *pair = layer->x; pair < layer->end; ++pair) {
      const int32_t low = (int16_t)(*pair & 65535);
      const int32_t high = (int16_t)(*pair >> 16);
      for (int32_t j = 0; j < words; ++j, ++w) {
        if (code->wide) {
          sums[j] += thimble_pair_product(low, high, *w);
        } else {
          thimble_add_pair(low, high, *w, sums + 2 * j);
        }
      }
    }
    for (int32_t c = 0; c < 4; ++c) {
      /* Wide sums are doubled. */
      const int32_t sum = code->wide ? (int32_t)sums[c] >> 1 : thimble_pair_sum(sums, c);
      y[c] = (int8_t)thimble_pairs_scaled(sum, w, code->kind);
      if (code->kind != THIMBLE_SCALE_COMMON) w += 3;
    }
  }
}

#endif

void thimble_singles(const thimble_single_layer *layer, const int32_t *stream, int8_t *y, int32_t channels) {
  const int32_t whole = channels & ~3;
  if (whole > 0) single_groups(layer, stream, y, y + whole);
  if (channels != whole) {
    int8_t last[4];
    single_groups(layer, stream + whole / 4 * layer->code->group_words, last, last + 4);
    for (int32_t c = whole; c < channels; ++c) y[c] = last[c - whole];
  }
  thimble_keep_limits(layer->limits, y, channels);
}
