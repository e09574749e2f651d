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
/* Four outputs, one column apart: three pairs, of which the next four outputs share one. */
#define FOUR_BY_1                                                 \
  "ldrd r4, r5, [r6]\n"                                           \
  FIRST("r4", "r8") LEFT("r5", "r10")                             \
  "ldrd r4, r5, [r6, #8]\n"                                       \
  LEFT("r4", "r12") MIDDLE_FIRST("r5", "r8", "r9")                \
  "ldrd r4, r5, [r6, #16]\n"                                      \
  MIDDLE("r4", "r10", "r11") MIDDLE("r5", "r12", "lr")            \
  "ldrd r4, r5, [r6, #24]!\n"                                     \
  RIGHT("r4", "r9") RIGHT("r5", "r11")                            \
  "ldr r4, [r6, #8]\n"                                            \
  RIGHT("r4", "lr")

#define BEGIN(sum, p, w01) "smlad " sum ", " p ", " w01 ", " sum "\n"
#define END(sum, p, w12) "smlabt " sum ", " p ", " w12 ", " sum "\n"
#define COLUMN(sum, p, w01, w12, before) END(before, p, w12) BEGIN(sum, p, w01)
/* Four outputs, two columns apart: five pairs. */
#define FOUR_BY_2                                                 \
  "mov r0, r3\n"                                                  \
  "mov r1, r3\n"                                                  \
  "mov r2, r3\n"                                                  \
  "ldrd r4, r5, [r6]\n"                                           \
  BEGIN("r0", "r4", "r8") BEGIN("r0", "r5", "r10")                \
  "ldrd r4, r5, [r6, #8]\n"                                       \
  BEGIN("r0", "r4", "r12") COLUMN("r1", "r5", "r8", "r9", "r0")   \
  "ldrd r4, r5, [r6, #16]\n"                                      \
  COLUMN("r1", "r4", "r10", "r11", "r0") COLUMN("r1", "r5", "r12", "lr", "r0") \
  "ldrd r4, r5, [r6, #24]\n"                                      \
  COLUMN("r2", "r4", "r8", "r9", "r1") COLUMN("r2", "r5", "r10", "r11", "r1") \
  "ldrd r4, r5, [r6, #32]\n"                                      \
  COLUMN("r2", "r4", "r12", "lr", "r1") COLUMN("r3", "r5", "r8", "r9", "r2") \
  "ldrd r4, r5, [r6, #40]\n"                                      \
  COLUMN("r3", "r4", "r10", "r11", "r2") COLUMN("r3", "r5", "r12", "lr", "r2") \
  "ldrd r4, r5, [r6, #48]!\n"                                     \
  END("r3", "r4", "r9") END("r3", "r5", "r11")                    \
  "ldr r4, [r6, #8]\n"                                            \
  END("r3", "r4", "lr")

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
  "b 2f\n"

/* `job`: bytes between outputs, the planes, bytes of a plane, bytes of it that are walked over, outputs, where the loop
 * is entered. On the stack: what the sum begins with, multiplier, addend and shift of the channel; bytes between
 * outputs and the end of the walk; plane, bytes of a plane and of the walk; outputs, the loop, stream, channels left. */
__attribute__((naked, used)) static void thimble_strip_groups(const uint32_t *job __attribute__((unused)),
                                                              const int32_t *stream __attribute__((unused))) {
  __asm__(
      ".global thimble_strips_1_relu\n .global thimble_strips_1_signed\n"
      ".global thimble_strips_2_relu\n .global thimble_strips_2_signed\n"
      "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
      "sub sp, #52\n"
      "ldm r0, {r4, r5, r6, r7, r8, r9}\n"
      "str r4, [sp, #16]\n"
      "strd r5, r6, [sp, #24]\n"
      "str r7, [sp, #32]\n"
      "strd r8, r9, [sp, #36]\n"
      "mov r2, #4\n"
      "strd r1, r2, [sp, #44]\n"
      "1: ldr r5, [sp, #44]\n"
      "ldm r5!, {r0, r1, r2, r3}\n"
      "stm sp, {r0, r1, r2, r3}\n"
      "ldm r5!, {r8, r9, r10, r11, r12, lr}\n"
      "str r5, [sp, #44]\n"
      "ldrd r6, r5, [sp, #24]\n"
      "ldrd r3, r7, [sp, #32]\n"
      "add r5, r5, r6\n"
      "str r5, [sp, #24]\n"
      "add r3, r3, r6\n"
      "str r3, [sp, #20]\n"
      "add r5, r7, #1\n"
      "str r5, [sp, #36]\n"
      "ldr.w pc, [sp, #40]\n"
      LOOP(thimble_strips_1_relu, FOUR_BY_1, RELU)
      LOOP(thimble_strips_1_signed, FOUR_BY_1, SIGNED)
      LOOP(thimble_strips_2_relu, FOUR_BY_2, RELU)
      LOOP(thimble_strips_2_signed, FOUR_BY_2, SIGNED)
      "2: ldr r4, [sp, #48]\n"
      "subs r4, r4, #1\n"
      "str r4, [sp, #48]\n"
      "bne 1b\n"
      "add sp, #52\n"
      "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

extern void thimble_strips_1_relu(void), thimble_strips_1_signed(void);
extern void thimble_strips_2_relu(void), thimble_strips_2_signed(void);

void thimble_strips_s8(const thimble_strip_layer *layer, const int32_t *stream, int8_t *y) {
  const int32_t relu = layer->kind == THIMBLE_SCALE_RELU;
  uint32_t job[6];
  job[0] = (uint32_t)layer->step;
  job[1] = (uint32_t)layer->planes;
  job[2] = (uint32_t)layer->plane_words * 4;
  job[3] = (uint32_t)layer->outputs / 2 * (uint32_t)layer->stride * 12;
  job[4] = (uint32_t)y;
  job[5] = layer->stride == 1 ? (relu ? (uint32_t)&thimble_strips_1_relu : (uint32_t)&thimble_strips_1_signed)
                              : (relu ? (uint32_t)&thimble_strips_2_relu : (uint32_t)&thimble_strips_2_signed);
  thimble_strip_groups(job, stream);
}

#else

void thimble_strips_s8(const thimble_strip_layer *layer, const int32_t *stream, int8_t *y) {
  for (int32_t c = 0; c < 4; ++c, stream += THIMBLE_STRIP_WORDS) {
    const uint32_t *const plane = layer->planes + c * layer->plane_words;
    for (int32_t o = 0; o < layer->outputs; ++o) {
      uint32_t sum = (uint32_t)stream[0];
      for (int32_t i = 0; i < 3; ++i) {
        for (int32_t j = 0; j < 3; ++j) {
          const int32_t column = o * layer->stride + j;
          const uint32_t pair = plane[column / 2 * 3 + i];
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
