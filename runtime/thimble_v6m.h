/* Convolutions and dense layers on Armv6-M (Cortex-M0, M0+), which has 8 registers for arithmetic, no product of more
 * than 32 bits and no load of a signed byte at a fixed distance. Left to itself GCC keeps sums and pointers on the
 * stack. The portable loops beside the calls give the same bytes. */
#ifndef THIMBLE_V6M_H
#define THIMBLE_V6M_H

#include "thimble_scale.h"

#if defined(__ARM_ARCH_6M__) && defined(__GNUC__) && defined(__OPTIMIZE__)
#define THIMBLE_V6M 1

/* Longest list of taps, for the sake of the stack. */
#define THIMBLE_V6M_TAPS_MOST 15

/* One tap of a depthwise convolution: input and weight of channel 0. */
typedef struct {
  const int8_t *x, *w;
} thimble_v6m_tap;

/* Output channels of one pixel, `blocks` times four. The assembler counts on the places of the members. */
typedef struct {
  const int32_t *bias;        /*  0: where the sums begin */
  const int32_t *multiplier;  /*  4 */
  const int8_t *shift;        /*  8 */
  const thimble_scale *scale; /* 12 */
  int8_t *y;                  /* 16: null when the one block's sums go to `sums` unscaled */
  int32_t blocks;             /* 20 */
  uint32_t *sums;             /* 24 */
  int32_t offset;             /* 28: added to every x */
  /* Depthwise: taps up to one without x, and the first channel. */
  const thimble_v6m_tap *taps; /* 32 */
  int32_t channel;             /* 36 */
} thimble_v6m_job;

/* The same where all channels read the same runs of x: `rows` of them, each of `length` elements. */
typedef struct {
  thimble_v6m_job job;
  const int8_t *x_end;  /* 40: end of the first run */
  const int8_t *w_end;  /* 44: of the first channel's weights for it */
  int32_t stride;       /* 48: weights from channel to channel */
  int32_t minus_length; /* 52 */
  int32_t rows;         /* 56 */
  int32_t row_step_x;   /* 60 */
  int32_t row_step_w;   /* 64 */
  const int8_t *wrap;   /* 68: `length` after the end of memory, where rows begin again */
  int32_t size;         /* 72: of the memory */
  int32_t rows_left;    /* 76 */
} thimble_v6m_runs;

typedef char thimble_check_v6m_job[sizeof(thimble_v6m_job) == 40 && sizeof(thimble_v6m_runs) == 80 ? 1 : -1];

/* Output channels o, o + 1, ... */
static inline void thimble_v6m_outputs(thimble_v6m_job *job, const int32_t *bias, const thimble_scale *scale,
                                       int32_t o, int32_t blocks, int8_t *y) {
  job->bias = bias + o;
  job->multiplier = scale->multipliers + o * scale->channel_step;
  job->shift = scale->shifts + o * scale->channel_step;
  job->scale = scale;
  job->y = y;
  job->blocks = blocks;
}

#define THIMBLE_V6M_SAVE \
  ".syntax unified\n"    \
  "push {r4-r7, lr}\n"   \
  "mov r4, r8\n"         \
  "mov r5, r9\n"         \
  "mov r6, r10\n"        \
  "mov r7, r11\n"        \
  "push {r4-r7}\n"

#define THIMBLE_V6M_RETURN \
  "pop {r4-r7}\n"          \
  "mov r8, r4\n"           \
  "mov r9, r5\n"           \
  "mov r10, r6\n"          \
  "mov r11, r7\n"          \
  "pop {r4-r7, pc}\n"

/* r0: the job. Sums begin in r8 to r11, the offset is in r12. */
#define THIMBLE_V6M_BEGIN \
  "ldr r1, [r0, #0]\n"    \
  "ldmia r1!, {r4-r7}\n"  \
  "str r1, [r0, #0]\n"    \
  "mov r8, r4\n"          \
  "mov r9, r5\n"          \
  "mov r10, r6\n"         \
  "mov r11, r7\n"         \
  "ldr r1, [r0, #28]\n"   \
  "mov r12, r1\n"

/* One tap of four channels that share x: r0 x, r1 r2 r3 r4 weights, r5 index from -length up to 0. */
#define THIMBLE_V6M_SHARED_TAP(ADD_OFFSET) \
  "ldrsb r6, [r0, r5]\n" ADD_OFFSET        \
  "ldrsb r7, [r1, r5]\n"                   \
  "muls r7, r6, r7\n"                      \
  "add r8, r7\n"                           \
  "ldrsb r7, [r2, r5]\n"                   \
  "muls r7, r6, r7\n"                      \
  "add r9, r7\n"                           \
  "ldrsb r7, [r3, r5]\n"                   \
  "muls r7, r6, r7\n"                      \
  "add r10, r7\n"                          \
  "ldrsb r7, [r4, r5]\n"                   \
  "muls r7, r6, r7\n"                      \
  "add r11, r7\n"                          \
  "adds r5, #1\n"

/* The runs of four channels. The loop over taps is entered in its midst, so that it ends with a whole round of four;
 * TAP_BYTES is what one tap takes of the code. */
#define THIMBLE_V6M_RUNS(ADD_OFFSET, TAP_BYTES)                        \
  "mov lr, r0\n"                                                       \
  "ldr r1, [r0, #56]\n"                                                \
  "str r1, [r0, #76]\n"                                                \
  "ldr r6, [r0, #48]\n"                                                \
  "ldr r1, [r0, #44]\n"                                                \
  "adds r2, r1, r6\n"                                                  \
  "adds r3, r2, r6\n"                                                  \
  "adds r4, r3, r6\n"                                                  \
  "adds r6, r4, r6\n"                                                  \
  "str r6, [r0, #44]\n"                                                \
  "ldr r5, [r0, #52]\n"                                                \
  "ldr r0, [r0, #40]\n"                                                \
  "1: movs r6, #3\n"                                                   \
  "ands r6, r5\n"                                                      \
  "movs r7, #" #TAP_BYTES "\n"                                         \
  "muls r6, r7, r6\n"                                                  \
  "add pc, r6\n"                                                       \
  "nop\n"                                                              \
  "2:\n" THIMBLE_V6M_SHARED_TAP(ADD_OFFSET)                            \
      THIMBLE_V6M_SHARED_TAP(ADD_OFFSET)                               \
          THIMBLE_V6M_SHARED_TAP(ADD_OFFSET)                           \
              THIMBLE_V6M_SHARED_TAP(ADD_OFFSET)                       \
  "bne 2b\n"                                                           \
  "mov r7, lr\n"                                                       \
  "ldr r6, [r7, #76]\n"                                                \
  "subs r6, #1\n"                                                      \
  "beq 4f\n"                                                           \
  "str r6, [r7, #76]\n"                                                \
  "ldr r6, [r7, #60]\n"                                                \
  "adds r0, r6\n"                                                      \
  "ldr r6, [r7, #68]\n"                                                \
  "cmp r0, r6\n"                                                       \
  "blo 3f\n"                                                           \
  "ldr r6, [r7, #72]\n"                                                \
  "subs r0, r6\n"                                                      \
  "3: ldr r6, [r7, #64]\n"                                             \
  "adds r1, r6\n"                                                      \
  "adds r2, r6\n"                                                      \
  "adds r3, r6\n"                                                      \
  "adds r4, r6\n"                                                      \
  "ldr r5, [r7, #52]\n"                                                \
  "b 1b\n"                                                             \
  "4: push {r7}\n"

/* One channel of a depthwise tap: r0 x, r1 weights. */
#define THIMBLE_V6M_CHANNEL(CHANNEL, SUM) \
  "ldrsb r6, [r0, " CHANNEL "]\n"         \
  "add r6, r12\n"                         \
  "ldrsb r7, [r1, " CHANNEL "]\n"         \
  "muls r7, r6, r7\n"                     \
  "add " SUM ", r7\n"

/* The taps of four channels, whose numbers are in r2 to r5. */
#define THIMBLE_V6M_TAPS            \
  "push {r0}\n"                     \
  "ldr r2, [r0, #36]\n"             \
  "adds r3, r2, #1\n"               \
  "adds r4, r2, #2\n"               \
  "adds r5, r2, #3\n"               \
  "adds r6, r2, #4\n"               \
  "str r6, [r0, #36]\n"             \
  "ldr r6, [r0, #32]\n"             \
  "b 2f\n"                          \
  "1: mov lr, r6\n"                 \
  THIMBLE_V6M_CHANNEL("r2", "r8")   \
  THIMBLE_V6M_CHANNEL("r3", "r9")   \
  THIMBLE_V6M_CHANNEL("r4", "r10")  \
  THIMBLE_V6M_CHANNEL("r5", "r11")  \
  "mov r6, lr\n"                    \
  "2: ldmia r6!, {r0, r1}\n"        \
  "cmp r0, #0\n"                    \
  "bne 1b\n"

/* The next of the sums on the stack, scaled and stored: r6 and r7 multiplier and shift, r8 and r9 their steps, r10
 * zero point, r11 and r12 limits, lr output.
 *
 * With x = xh * 2^16 + xl and m = mh * 2^16 + ml, all signed, no sum leaves 32 bits in
 * (x * m + 2^30) >> 31 = 2 xh mh + ((xh ml + xl mh + (xl ml >> 16) + 2^14) >> 15).
 * A shift to the right leaves the half that rounds in the carry. So does the rounding shift after it, which rounds up:
 * away from zero when 1 was taken from negative numbers. A shift by 0 leaves the carry as that subtraction made it,
 * and adding it undoes the subtraction. */
#define THIMBLE_V6M_SCALE(NUMBER) \
  "pop {r0}\n"                    \
  "ldr r1, [r6]\n"                \
  "add r6, r8\n"                  \
  "movs r4, #0\n"                 \
  "ldrsb r5, [r7, r4]\n"          \
  "add r7, r9\n"                  \
  "negs r5, r5\n"                 \
  "bpl 1f\n"                      \
  "negs r5, r5\n"                 \
  "lsls r0, r5\n"                 \
  "movs r5, #0\n"                 \
  "1: sxth r2, r0\n"              \
  "asrs r0, r0, #16\n"            \
  "adcs r0, r4\n"                 \
  "sxth r3, r1\n"                 \
  "asrs r1, r1, #16\n"            \
  "adcs r1, r4\n"                 \
  "movs r4, r2\n"                 \
  "muls r4, r3, r4\n"             \
  "asrs r4, r4, #16\n"            \
  "muls r2, r1, r2\n"             \
  "adds r4, r2\n"                 \
  "muls r3, r0, r3\n"             \
  "adds r4, r3\n"                 \
  "muls r0, r1, r0\n"             \
  "adds r0, r0\n"                 \
  "asrs r4, r4, #15\n"            \
  "adcs r0, r4\n"                 \
  "asrs r4, r0, #31\n"            \
  "adds r0, r4\n"                 \
  "asrs r0, r5\n"                 \
  "mov r4, r10\n"                 \
  "adcs r0, r4\n"                 \
  "cmp r0, r11\n"                 \
  "bge 2f\n"                      \
  "mov r0, r11\n"                 \
  "2: cmp r0, r12\n"              \
  "ble 3f\n"                      \
  "mov r0, r12\n"                 \
  "3: mov r4, lr\n"               \
  "strb r0, [r4, #" #NUMBER "]\n"

/* The job is on the stack: its sums are stored, and the next block begins at label 9. */
#define THIMBLE_V6M_END \
  "mov r4, r8\n"        \
  "mov r5, r9\n"        \
  "mov r6, r10\n"       \
  "mov r7, r11\n"       \
  "ldr r0, [sp]\n"      \
  "ldr r1, [r0, #16]\n" \
  "cmp r1, #0\n"        \
  "bne 1f\n"            \
  "ldr r0, [r0, #24]\n" \
  "stmia r0!, {r4-r7}\n" \
  "pop {r0}\n" THIMBLE_V6M_RETURN \
  "1: push {r4-r7}\n"   \
  "mov lr, r1\n"        \
  "ldr r6, [r0, #4]\n"  \
  "ldr r7, [r0, #8]\n"  \
  "ldr r0, [r0, #12]\n" \
  "ldr r1, [r0, #8]\n"  \
  "mov r9, r1\n"        \
  "lsls r1, r1, #2\n"   \
  "mov r8, r1\n"        \
  "ldr r1, [r0, #12]\n" \
  "mov r10, r1\n"       \
  "ldr r1, [r0, #16]\n" \
  "mov r11, r1\n"       \
  "ldr r1, [r0, #20]\n" \
  "mov r12, r1\n"       \
  THIMBLE_V6M_SCALE(0)  \
  THIMBLE_V6M_SCALE(1)  \
  THIMBLE_V6M_SCALE(2)  \
  THIMBLE_V6M_SCALE(3)  \
  "pop {r0}\n"          \
  "str r6, [r0, #4]\n"  \
  "str r7, [r0, #8]\n"  \
  "adds r4, #4\n"       \
  "str r4, [r0, #16]\n" \
  "ldr r4, [r0, #20]\n" \
  "subs r4, #1\n"       \
  "str r4, [r0, #20]\n" \
  "beq 1f\n"            \
  "b 9b\n"              \
  "1:\n" THIMBLE_V6M_RETURN

#define THIMBLE_V6M_UNUSED __attribute__((unused))

/* Makes `blocks` times four channels of runs without offset. */
__attribute__((naked, noinline)) static inline void thimble_v6m_dense(THIMBLE_V6M_UNUSED thimble_v6m_runs *runs) {
  __asm__(THIMBLE_V6M_SAVE "9:\n" THIMBLE_V6M_BEGIN THIMBLE_V6M_RUNS("", 28) THIMBLE_V6M_END);
}

/* The same with offset. */
__attribute__((naked, noinline)) static inline void thimble_v6m_conv(THIMBLE_V6M_UNUSED thimble_v6m_runs *runs) {
  __asm__(THIMBLE_V6M_SAVE "9:\n" THIMBLE_V6M_BEGIN THIMBLE_V6M_RUNS("add r6, r12\n", 30) THIMBLE_V6M_END);
}

/* The same for depthwise convolutions. */
__attribute__((naked, noinline)) static inline void thimble_v6m_depthwise(THIMBLE_V6M_UNUSED thimble_v6m_job *job) {
  __asm__(THIMBLE_V6M_SAVE "9:\n" THIMBLE_V6M_BEGIN THIMBLE_V6M_TAPS THIMBLE_V6M_END);
}

/* sums[k] gains the products of x with row k of w; offset as above, `count` above 0. */
static inline void thimble_v6m_dot4(const int8_t *x, const int8_t *w, int32_t stride, int32_t count,
                                    int32_t offset, uint32_t sums[4]) {
  thimble_v6m_runs runs;
  runs.job.bias = (const int32_t *)sums;
  runs.job.y = 0;
  runs.job.sums = sums;
  runs.job.offset = offset;
  runs.x_end = x + count;
  runs.w_end = w + count;
  runs.stride = stride;
  runs.minus_length = -count;
  runs.rows = 1;
  if (__builtin_constant_p(offset) && offset == 0) {
    thimble_v6m_dense(&runs);
  } else {
    thimble_v6m_conv(&runs);
  }
}

#endif

#endif
