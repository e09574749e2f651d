#include "thimble_pairs.h"

#ifdef THIMBLE_PAIRS_ASSEMBLY

/* Registers: r0 .. r3 sums of four neighbouring outputs, r4 r5 inputs, r6 plane, r7 outputs; weights of filter row i
 * in r8 r9, r10 r11 and r12 lr: w0 w1 and w1 w2. P is a pair of columns, its row i the word i. */

#define FIRST(p, w01)                                             \
  "smlad r0, " p ", " w01 ", r3\n"                                \
  "smlatb r1, " p ", " w01 ", r3\n"
#define LEFT(p, w01)                                              \
  "smlad r0, " p ", " w01 ", r0\n"                                \
  "smlatb r1, " p ", " w01 ", r1\n"
#define MIDDLE_FIRST(p, w01, w12)                                 \
  "smlabt r0, " p ", " w12 ", r0\n"                               \
  "smlad r1, " p ", " w12 ", r1\n"                                \
  "smlad r2, " p ", " w01 ", r3\n"                                \
  "smlatb r3, " p ", " w01 ", r3\n"
#define MIDDLE(p, w01, w12)                                       \
  "smlabt r0, " p ", " w12 ", r0\n"                               \
  "smlad r1, " p ", " w12 ", r1\n"                                \
  "smlad r2, " p ", " w01 ", r2\n"                                \
  "smlatb r3, " p ", " w01 ", r3\n"
#define RIGHT(p, w12)                                             \
  "smlabt r2, " p ", " w12 ", r2\n"                               \
  "smlad r3, " p ", " w12 ", r3\n"
/* Four outputs, one column apart: three pairs, of which the next four outputs share one. Loads of one
 * register that follow each other take a cycle. */
#define FOUR_BY_1                                                 \
  "ldr r2, [r6], #24\n"                                           \
  "ldr r4, [r6, #-20]\n"                                          \
  "ldr r5, [r6, #-16]\n"                                          \
  FIRST("r2", "r8") LEFT("r4", "r10") LEFT("r5", "r12")           \
  "ldrd r4, r5, [r6, #-12]\n"                                     \
  MIDDLE_FIRST("r4", "r8", "r9") MIDDLE("r5", "r10", "r11")       \
  "ldrd r4, r5, [r6, #-4]\n"                                      \
  MIDDLE("r4", "r12", "lr") RIGHT("r5", "r9")                     \
  "ldrd r4, r5, [r6, #4]\n"                                       \
  RIGHT("r4", "r11") RIGHT("r5", "lr")

#define BEGIN(sum, p, w01) "smlad " sum ", " p ", " w01 ", r3\n"
#define ADD(sum, p, w01) "smlad " sum ", " p ", " w01 ", " sum "\n"
#define END(sum, p, w12) "smlabt " sum ", " p ", " w12 ", " sum "\n"
#define FIRST_COLUMN(sum, p, before) END(before, p, "r9") BEGIN(sum, p, "r8")
#define COLUMN(sum, p, w01, w12, before) END(before, p, w12) ADD(sum, p, w01)
/* The first output, two columns before the next one, and what that shares of pairs with it. */
#define FIRST_BY_2                                                \
  "ldrd r4, r5, [r6]\n"                                           \
  BEGIN("r0", "r4", "r8") ADD("r0", "r5", "r10")                  \
  "ldrd r4, r5, [r6, #8]\n"                                       \
  ADD("r0", "r4", "r12") FIRST_COLUMN("r1", "r5", "r0")           \
  "ldrd r4, r5, [r6, #16]\n"                                      \
  COLUMN("r1", "r4", "r10", "r11", "r0") COLUMN("r1", "r5", "r12", "lr", "r0")
/* Four outputs, two columns apart: five pairs. */
#define FOUR_BY_2                                                 \
  FIRST_BY_2                                                      \
  "ldrd r4, r5, [r6, #24]\n"                                      \
  FIRST_COLUMN("r2", "r4", "r1") COLUMN("r2", "r5", "r10", "r11", "r1") \
  "ldrd r4, r5, [r6, #32]\n"                                      \
  COLUMN("r2", "r4", "r12", "lr", "r1") FIRST_COLUMN("r3", "r5", "r2") \
  "ldrd r4, r5, [r6, #40]\n"                                      \
  COLUMN("r3", "r4", "r10", "r11", "r2") COLUMN("r3", "r5", "r12", "lr", "r2") \
  "ldrd r4, r5, [r6, #48]!\n"                                     \
  END("r3", "r4", "r9") END("r3", "r5", "r11")                    \
  "ldr r4, [r6, #8]\n"                                            \
  END("r3", "r4", "lr")

/* The last two, from two or three pairs: sums in r0 and r1. */
#define TWO_BY_1                                                  \
  "ldrd r4, r5, [r6]\n"                                           \
  FIRST("r4", "r8") LEFT("r5", "r10")                             \
  "ldrd r4, r5, [r6, #8]\n"                                       \
  LEFT("r4", "r12")                                               \
  "smlabt r0, r5, r9, r0\n"                                       \
  "smlad r1, r5, r9, r1\n"                                        \
  "ldrd r4, r5, [r6, #16]\n"                                      \
  "smlabt r0, r4, r11, r0\n"                                      \
  "smlad r1, r4, r11, r1\n"                                       \
  "smlabt r0, r5, lr, r0\n"                                       \
  "smlad r1, r5, lr, r1\n"
#define TWO_BY_2                                                  \
  FIRST_BY_2                                                      \
  "ldrd r4, r5, [r6, #24]\n"                                      \
  END("r1", "r4", "r9") END("r1", "r5", "r11")                    \
  "ldr r4, [r6, #32]\n"                                           \
  END("r1", "r4", "lr")

#define RELU(sum) "smmlar " sum ", " sum ", r4, r5\n"
/* Rounds by the sign of the product; no register is left for the addend with that of the sum. */
#define SIGNED(sum)                                               \
  "smmulr " sum ", " sum ", r4\n"                                 \
  "add " sum ", " sum ", " sum ", asr #31\n"                      \
  "add " sum ", " sum ", r5\n"
#define SHIFT(sum) "asr " sum ", " sum ", r4\n"
#define CLAMP(sum) "ssat " sum ", #8, " sum "\n"
#define ALL(one) one("r0") one("r1") one("r2") one("r3")
#define LOOP(name, four, scale)                                   \
  ".thumb_func\n" #name ":\n"                                     \
  "ldr r3, [sp, #0]\n" four                                       \
  "ldrd r4, r5, [sp, #4]\n" ALL(scale)                            \
  "ldr r4, [sp, #12]\n" ALL(SHIFT) ALL(CLAMP)                     \
  "ldrd r4, r5, [sp, #16]\n"                                      \
  "strb r0, [r7]\n"                                               \
  "strb r1, [r7, r4]\n"                                           \
  "add r7, r7, r4, lsl #1\n"                                      \
  "strb r2, [r7]\n"                                               \
  "strb r3, [r7, r4]\n"                                           \
  "add r7, r7, r4, lsl #1\n"                                      \
  "cmp r6, r5\n"                                                  \
  "bne " #name "\n"                                               \
  "ldr.w pc, [sp, #48]\n"
/* Of an odd number the last output is stored over the one behind it. The sign counts in either kind (thimble_pairs.h). */
#define PAIRS(name, two, words)                                   \
  ".thumb_func\n" #name ":\n"                                     \
  "ldr r3, [sp, #0]\n" two                                        \
  "ldrd r4, r5, [sp, #4]\n" SIGNED("r0") SIGNED("r1")             \
  "ldr r4, [sp, #12]\n"                                           \
  SHIFT("r0") SHIFT("r1") CLAMP("r0") CLAMP("r1")                 \
  "ldr r4, [sp, #16]\n"                                           \
  "ldr r5, [sp, #24]\n"                                           \
  "add r6, #4 * " #words "\n"                                     \
  "cmp r6, r5\n"                                                  \
  "it eq\n"                                                       \
  "ldreq r4, [sp, #28]\n"                                         \
  "strb r1, [r7, r4]\n"                                           \
  "strb r0, [r7]\n"                                               \
  "add r7, r7, r4, lsl #1\n"                                      \
  "bne " #name "\n"                                               \
  "b 2f\n"
/* Begins a channel; `weights` loads those of the planes' rows 0, 1 and 2, wherever in the filter these are. */
#define CHANNEL(name, weights)                                    \
  ".thumb_func\n" #name ":\n"                                     \
  "ldr r5, [sp, #56]\n"                                           \
  "ldm r5!, {r0, r1, r2, r3}\n"                                   \
  "stm sp, {r0, r1, r2, r3}\n" weights                            \
  "str r5, [sp, #56]\n"                                           \
  "ldrd r3, r4, [sp, #32]\n"                                      \
  "add r3, r3, r6\n"                                              \
  "add r4, r4, r6\n"                                              \
  "str r3, [sp, #20]\n"                                           \
  "str r4, [sp, #24]\n"                                           \
  "ldr.w pc, [sp, #44]\n"

/* `job`, from which the stack is filled: bytes between outputs, -, -, those behind the last two outputs; bytes of a
 * plane under the fours and under all outputs, those to go back to the next channel's outputs; where a channel's code
 * begins and what comes behind the fours, where a channel begins; stream and its end. In front of that are what the sum
 * begins with, multiplier, addend and shift of the channel; - are the ends of the walks over its plane. */
__attribute__((naked, used)) static void thimble_strip_groups(const uint32_t *job __attribute__((unused)),
                                                              const uint32_t *planes __attribute__((unused)),
                                                              int8_t *y __attribute__((unused))) {
  __asm__(
      ".global thimble_strips_1_relu\n .global thimble_strips_1_signed\n .global thimble_strips_1_pairs\n"
      ".global thimble_strips_2_relu\n .global thimble_strips_2_signed\n .global thimble_strips_2_pairs\n"
      ".global thimble_strips_012\n .global thimble_strips_201\n .global thimble_strips_120\n"
      ".global thimble_strips_next\n"
      "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
      "mov r6, r1\n"
      "mov r7, r2\n"
      "ldm r0!, {r1, r2, r3, r4, r5, r8}\n"
      "ldm r0, {r0, r9, r10, r11, r12, lr}\n"
      "push {r0, r9, r10, r11, r12, lr}\n"
      "push {r1, r2, r3, r4, r5, r8}\n"
      "sub sp, #16\n"
      "ldr.w pc, [sp, #52]\n"
      CHANNEL(thimble_strips_012, "ldm r5!, {r8, r9, r10, r11, r12, lr}\n")
      CHANNEL(thimble_strips_201, "ldm r5!, {r10, r11, r12, lr}\n ldm r5!, {r8, r9}\n")
      CHANNEL(thimble_strips_120, "ldm r5!, {r12, lr}\n ldm r5!, {r8, r9, r10, r11}\n")
      LOOP(thimble_strips_1_relu, FOUR_BY_1, RELU)
      LOOP(thimble_strips_1_signed, FOUR_BY_1, SIGNED)
      LOOP(thimble_strips_2_relu, FOUR_BY_2, RELU)
      LOOP(thimble_strips_2_signed, FOUR_BY_2, SIGNED)
      PAIRS(thimble_strips_1_pairs, TWO_BY_1, 3)
      PAIRS(thimble_strips_2_pairs, TWO_BY_2, 6)
      /* The next plane begins behind the last pair of columns, which outputs share. */
      ".thumb_func\n thimble_strips_next:\n"
      "2: ldr r4, [sp, #40]\n"
      "sub r7, r7, r4\n"
      "add r6, #12\n"
      "ldrd r4, r5, [sp, #56]\n"
      "cmp r4, r5\n"
      "it ne\n"
      "ldrne.w pc, [sp, #52]\n"
      "add sp, #64\n"
      "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

void thimble_strips_s8(thimble_strip_layer *layer, const int32_t *stream, int8_t *y) {
  layer->job[9] = layer->row == 0   ? (uint32_t)&thimble_strips_012
                  : layer->row == 1 ? (uint32_t)&thimble_strips_201
                                    : (uint32_t)&thimble_strips_120;
  layer->job[10] = (uint32_t)stream;
  layer->job[11] = (uint32_t)(stream + 4 * THIMBLE_STRIP_WORDS);
  thimble_strip_groups(layer->job, layer->planes, y);
}

#else

void thimble_strips_s8(thimble_strip_layer *layer, const int32_t *stream, int8_t *y) {
  for (int32_t c = 0; c < 4; ++c, stream += THIMBLE_STRIP_WORDS) {
    const uint32_t *const plane = layer->planes + c * thimble_strip_plane(layer->outputs, layer->stride);
    for (int32_t o = 0; o < layer->outputs; ++o) {
      uint32_t sum = (uint32_t)stream[0];
      for (int32_t i = 0; i < 3; ++i) {
        for (int32_t j = 0; j < 3; ++j) {
          const int32_t column = o * layer->stride + j;
          const uint32_t pair = plane[column / 2 * 3 + (layer->row + i) % 3];
          const int32_t x = column % 2 == 0 ? (int16_t)(pair & 65535) : (int16_t)(pair >> 16);
          const int32_t word = stream[4 + 2 * i + (j == 2 ? 1 : 0)];
          sum += (uint32_t)(x * (j == 0 ? (int16_t)(word & 65535) : word >> 16));
        }
      }
      y[o * layer->step + c] = (int8_t)thimble_pairs_scaled((int32_t)sum >> 1, stream + 1, layer->kind);
    }
  }
}

#endif
