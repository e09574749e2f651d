#include "thimble_pairs.h"
#include "thimble_pairs_endings.h"

#ifdef THIMBLE_PAIRS_ASSEMBLY

/* Registers: r0 taps, lr stream, r8 the group's first channel, r1 r2 r3 r12 inputs, r2 r9 r10 r11 weights; sums of
 * the four channels in r4 .. r7. */

/* Two taps: 14 instructions of 4 bytes, THIMBLE_TAPS_TWO, for 8 products. Bytes of both are sorted by channel. */
#define TWO                                                       \
  "ldrd r1, r2, [r0], #8\n"                                       \
  "ldr.w r1, [r1, r8]\n"                                          \
  "ldr.w r2, [r2, r8]\n"                                          \
  "pkhbt r3, r1, r2, lsl #16\n"                                   \
  "pkhtb r12, r2, r1, asr #16\n"                                  \
  "ldm.w lr!, {r2, r9, r10, r11}\n"                               \
  "sxtb16.w r1, r3\n"                                             \
  "sxtb16.w r3, r3, ror #8\n"                                     \
  "smlad r4, r1, r2, r4\n"                                        \
  "smlad r5, r3, r9, r5\n"                                        \
  "sxtb16.w r1, r12\n"                                            \
  "sxtb16.w r12, r12, ror #8\n"                                   \
  "smlad r6, r1, r10, r6\n"                                       \
  "smlad r7, r12, r11, r7\n"
#define FOUR_TIMES(x) x x x x
/* The last tap of an odd number. */
#define ONE                                                       \
  "ldr r1, [r0], #4\n"                                            \
  "ldr r1, [r1, r8]\n"                                            \
  "ldrd r9, r10, [lr], #8\n"                                      \
  "sxtb16 r2, r1\n"                                               \
  "sxtb16 r1, r1, ror #8\n"                                       \
  "smlabb r4, r2, r9, r4\n"                                       \
  "smlabb r5, r1, r10, r5\n"                                      \
  "smlatt r6, r2, r9, r6\n"                                       \
  "smlatt r7, r1, r10, r7\n"

#define FOUR(one) one("r4") one("r5") one("r6") one("r7")

/* On the stack: taps, end, entry and behind of the layer, its ending, outputs, groups left. */
__attribute__((naked)) void thimble_taps_s8(const thimble_tap_layer *layer __attribute__((unused)),
                                            const int32_t *stream __attribute__((unused)),
                                            int32_t channel __attribute__((unused)), int8_t *y __attribute__((unused)),
                                            int32_t groups __attribute__((unused))) {
  __asm__(
      ".global thimble_taps_loop\n .global thimble_taps_one\n .global thimble_taps_none\n"
      ".global thimble_taps_relu\n .global thimble_taps_signed\n .global thimble_taps_common\n"
      "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
      "mov lr, r1\n"
      "ldm r0, {r4, r5, r6, r7, r8}\n"
      "mov r9, r3\n"
      "ldr r10, [sp, #36]\n"
      "push {r4, r5, r6, r7, r8, r9, r10}\n"
      "mov r8, r2\n"
      "1: ldm lr!, {r4, r5, r6, r7}\n"
      "ldr r0, [sp]\n"
      "ldr.w pc, [sp, #8]\n"
      ".thumb_func\n thimble_taps_loop:\n" FOUR_TIMES(TWO)
      "ldr r12, [sp, #4]\n"
      "cmp r0, r12\n"
      "bne thimble_taps_loop\n"
      "ldr.w pc, [sp, #12]\n"
      ".thumb_func\n thimble_taps_one:\n" ONE
      ".thumb_func\n thimble_taps_none:\n"
      "ldr r0, [sp, #20]\n"
      "ldr.w pc, [sp, #16]\n"
      ".thumb_func\n thimble_taps_signed:\n" FOUR(THIMBLE_SIGNED)
      "b 2f\n"
      ".thumb_func\n thimble_taps_common:\n"
      "ldm lr!, {r1, r2, r3}\n" FOUR(THIMBLE_COMMON)
      "b 2f\n"
      ".thumb_func\n thimble_taps_relu:\n" FOUR(THIMBLE_RELU)
      "2: str r0, [sp, #20]\n"
      "add r8, #4\n"
      "ldr r12, [sp, #24]\n"
      "subs r12, r12, #1\n"
      "str r12, [sp, #24]\n"
      "bne 1b\n"
      "add sp, #28\n"
      "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

#else

void thimble_taps_s8(const thimble_tap_layer *layer, const int32_t *stream, int32_t channel, int8_t *y,
                       int32_t groups) {
  for (; groups > 0; --groups, channel += 4, y += 4) {
    uint32_t sums[4];
    int32_t i = 0;
    for (int32_t c = 0; c < 4; ++c) sums[c] = (uint32_t)*stream++;
    for (; i + 2 <= layer->count; i += 2) {
      const int8_t *const x0 = thimble_tap_place(layer, layer->taps[i]) + channel;
      const int8_t *const x1 = thimble_tap_place(layer, layer->taps[i + 1]) + channel;
      for (int32_t c = 0; c < 4; ++c) sums[c] += thimble_pair_product(x0[c], x1[c], *stream++);
    }
    if (i < layer->count) {
      const int8_t *const x = thimble_tap_place(layer, layer->taps[i]) + channel;
      for (int32_t c = 0; c < 4; ++c) {
        const int32_t word = stream[c & 1];
        sums[c] += (uint32_t)(x[c] * (c < 2 ? (int16_t)(word & 65535) : word >> 16));
      }
      stream += 2;
    }
    for (int32_t c = 0; c < 4; ++c) {
      y[c] = (int8_t)thimble_pairs_scaled((int32_t)sums[c] >> 1, stream, layer->kind);
      if (layer->kind != THIMBLE_SCALE_COMMON) stream += 3;
    }
    if (layer->kind == THIMBLE_SCALE_COMMON) stream += 3;
  }
}

#endif
