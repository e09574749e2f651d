#include "thimble_pairs.h"
#include "thimble_pairs_endings.h"

#ifdef THIMBLE_PAIRS_ASSEMBLY

/* Registers: r0 inputs, lr stream, r1 r2 pairs of inputs of the two pixels, r3 r12 weights; sums of channel c are in
 * r4 .. r7 and r8 .. r11, where weights share halfwords r5, r7, r9 and r11 with their neighbours', as in thimble_octets.c. */

#define BOTH(sum0, sum1, w)                                       \
  "smlad " sum0 ", r1, " w ", " sum0 "\n"                         \
  "smlad " sum1 ", r2, " w ", " sum1 "\n"
#define INPUTS "ldrd r1, r2, [r0], #8\n"
#define WEIGHTS "ldrd r3, r12, [lr], #8\n"
/* Two inputs of each pixel, 16 products: 12 and 11 instructions of 4 bytes, THIMBLE_QUADS_TWO and _WIDE_TWO. */
#define TWO                                                       \
  INPUTS WEIGHTS BOTH("r5", "r9", "r3") BOTH("r7", "r11", "r12")  \
  "sxtb16.w r3, r3\n"                                             \
  "sxtb16.w r12, r12\n" BOTH("r4", "r8", "r3") BOTH("r6", "r10", "r12")
#define TWO_WIDE                                                  \
  INPUTS WEIGHTS BOTH("r4", "r8", "r3") BOTH("r5", "r9", "r12")   \
  WEIGHTS BOTH("r6", "r10", "r3") BOTH("r7", "r11", "r12")
#define EIGHT_TIMES(x) x x x x x x x x
#define LOOP(name, two)                                           \
  ".thumb_func\n" #name ":\n" EIGHT_TIMES(two)                    \
  "ldr r12, [sp, #4]\n"                                           \
  "cmp r0, r12\n"                                                 \
  "bne " #name "\n"

#define OUTPUTS "ldrd r0, r12, [sp, #16]\n"
#define RELU(sum0, sum1)                                          \
  "ldm lr!, {r1, r2, r3}\n"                                       \
  "smmlar " sum0 ", " sum0 ", r1, r2\n"                           \
  "smmlar " sum1 ", " sum1 ", r1, r2\n" THIMBLE_STORE(sum0, "r0") THIMBLE_STORE(sum1, "r12")
/* With the sign of the sum; no register is left for the shift until then. */
#define SIGNED(sum0, sum1)                                        \
  "ldrd r1, r2, [lr], #8\n"                                       \
  "add r3, r2, " sum0 ", asr #31\n"                               \
  "smmlar " sum0 ", " sum0 ", r1, r3\n"                           \
  "add r3, r2, " sum1 ", asr #31\n"                               \
  "smmlar " sum1 ", " sum1 ", r1, r3\n"                           \
  "ldr r3, [lr], #4\n" THIMBLE_STORE(sum0, "r0") THIMBLE_STORE(sum1, "r12")
#define COMMON(sum0, sum1) SIGNED(sum0, sum1) "sub lr, #12\n"
#define FOUR(one) one("r4", "r8") one("r5", "r9") one("r6", "r10") one("r7", "r11")
/* The next group, if there is one. */
#define ENDING(name, text)                                        \
  ".thumb_func\n" #name ":\n" text                                \
  "strd r0, r12, [sp, #16]\n"                                     \
  "ldr r12, [sp, #24]\n"                                          \
  "subs r12, r12, #1\n"                                           \
  "str r12, [sp, #24]\n"                                          \
  "bne.w thimble_quads_group\n"                                   \
  "ldr.w pc, [sp, #32]\n"

/* groups * 4 outputs of both pixels. On the stack: x, end, entry and behind of the layer, two outputs, groups left, its
 * ending and its exit. */
__attribute__((naked)) static void quad_groups(const thimble_quad_layer *layer __attribute__((unused)),
                                               const int32_t *stream __attribute__((unused)),
                                               int8_t *y0 __attribute__((unused)), int8_t *y1 __attribute__((unused)),
                                               int32_t groups __attribute__((unused))) {
  __asm__(
      ".global thimble_quads_loop\n .global thimble_quads_wide_loop\n .global thimble_quads_split\n"
      ".global thimble_quads_relu\n .global thimble_quads_signed\n .global thimble_quads_common\n"
      ".global thimble_quads_group\n .global thimble_quads_done\n"
      "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
      "mov lr, r1\n"
      "ldm r0, {r4, r5, r6, r7, r11, r12}\n"
      "mov r8, r2\n"
      "mov r9, r3\n"
      "ldr r10, [sp, #36]\n"
      "push {r4, r5, r6, r7, r8, r9, r10, r11, r12}\n"
      ".thumb_func\n thimble_quads_group:\n"
      "ldm lr!, {r4, r5, r6, r7}\n"
      "mov r8, r4\n"
      "mov r9, r5\n"
      "mov r10, r6\n"
      "mov r11, r7\n"
      "ldr r0, [sp]\n"
      "ldr.w pc, [sp, #8]\n"
      LOOP(thimble_quads_wide_loop, TWO_WIDE)
      "ldr.w pc, [sp, #12]\n"
      /* What is behind this loop follows it. */
      LOOP(thimble_quads_loop, TWO)
      ".thumb_func\n thimble_quads_split:\n" THIMBLE_SPLIT
      "ldr.w pc, [sp, #28]\n"
      ENDING(thimble_quads_relu, OUTPUTS FOUR(RELU))
      ENDING(thimble_quads_signed, OUTPUTS FOUR(SIGNED))
      ENDING(thimble_quads_common, OUTPUTS FOUR(COMMON) "add lr, #12\n")
      ".thumb_func\n thimble_quads_done:\n"
      "add sp, #36\n"
      "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

#else

/* A pair of inputs as the halfwords of a word. */
static int32_t low(uint32_t pair) {
  return (int16_t)(pair & 65535);
}
static int32_t high(uint32_t pair) {
  return (int16_t)(pair >> 16);
}

static void quad_groups(const thimble_quad_layer *layer, const int32_t *stream, int8_t *y0, int8_t *y1,
                        int32_t groups) {
  const int32_t words = layer->wide ? 4 : 2;
  for (int32_t g = 0; g < groups; ++g, stream += layer->group_words, y0 += 4, y1 += 4) {
    for (int32_t pixel = 0; pixel < 2; ++pixel) {
      const int32_t *w = stream + 4;
      uint32_t sums[4];
      for (int32_t c = 0; c < 4; ++c) sums[c] = (uint32_t)stream[c];
      for (const uint32_t *pair = layer->x; pair < layer->end; pair += 2) {
        const uint32_t x = pair[pixel];
        for (int32_t j = 0; j < words; ++j, ++w) {
          if (layer->wide) {
            sums[j] += thimble_pair_product(low(x), high(x), *w);
          } else {
            thimble_add_pair(low(x), high(x), *w, sums + 2 * j);
          }
        }
      }
      for (int32_t c = 0; c < 4; ++c) {
        /* Wide sums are doubled. */
        const int32_t sum = layer->wide ? (int32_t)sums[c] >> 1 : thimble_pair_sum(sums, c);
        (pixel == 0 ? y0 : y1)[c] = (int8_t)thimble_pairs_scaled(sum, w, layer->kind);
        if (layer->kind != THIMBLE_SCALE_COMMON) w += 3;
      }
    }
  }
}

#endif

void thimble_quads(const thimble_quad_layer *layer, const int32_t *stream, int8_t *y0, int8_t *y1,
                   int32_t channels) {
  const int32_t whole = channels >> 2;
  const int32_t rest = channels & 3;
  if (whole > 0) quad_groups(layer, stream, y0, y1, whole);
  if (rest > 0) {
    int8_t last[2][4];
    quad_groups(layer, stream + whole * layer->group_words, last[0], last[1], 1);
    for (int32_t c = 0; c < rest; ++c) y0[4 * whole + c] = last[0][c];
    for (int32_t c = 0; c < rest; ++c) y1[4 * whole + c] = last[1][c];
  }
  thimble_keep_limits(layer->limits, y0, channels);
  thimble_keep_limits(layer->limits, y1, channels);
}
