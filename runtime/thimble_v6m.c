#include "thimble_v6m.h"

#ifdef THIMBLE_V6M_TWIN

/* Channel k of the block. Without `own` the pointers are the ends of runs, and those of the weights go on by
 * rows. */
static uint32_t sum_of(const thimble_v6m_job *job, int32_t k, uint32_t sum) {
  const int32_t own = job->step_x != 0;
  const int32_t length = own ? job->length : -job->length;
  const int8_t *x = own ? job->x : job->x - length;
  const int8_t *w = own ? job->w : job->w + k * job->step_w - length;
  for (int32_t i = 0; i < job->rows; ++i) {
    const int8_t *const row_w = w;
    if (x >= job->x_limit) x -= job->size;
    for (int32_t j = 0; j < length; j += own ? job->step_x : 1) {
      if (x == job->x_limit) x -= job->size;
      sum += (uint32_t)((x[own ? k : 0] + job->offset) * w[own ? k : 0]);
      x += own ? job->step_x : 1;
      w += own ? job->step_w : 1;
    }
    if (i + 1 == job->rows) break;
    x += own ? job->row_x : job->row_x - length;
    w = own ? w + job->row_w : row_w + job->row_w;
  }
  return sum;
}

void thimble_v6m(thimble_v6m_job *job) {
  do {
    uint32_t sums[4];
    for (int32_t k = 0; k < 4; ++k) {
      sums[k] = sum_of(job, job->channel + k, (uint32_t)job->bias[job->channel + k]);
    }
    for (int32_t k = 0; k < 4; ++k) {
      const int32_t o = job->channel + k;
      if (job->y == 0) {
        ((uint32_t *)(uintptr_t)job->bias)[k] = sums[k];
      } else {
        job->y[o] = (int8_t)thimble_scaled(job->scale, o, (int32_t)sums[k]);
      }
    }
    job->channel += 4;
  } while (job->y != 0 && job->channel < job->channel_end);
}

#elif defined(THIMBLE_V6M)

/* Places in the job. */
#define BIAS "#0"
#define SCALING "#4"
#define OUTPUT "#8"
#define CHANNEL "#12"
#define CHANNEL_END "#16"
#define OFFSET "#20"
#define ROWS "#24"
#define ROWS_LEFT "#28"
#define STEP_X "#32"
#define STEP_W "#36"
#define LENGTH "#40"
#define X "#44"
#define W "#48"
#define ROW_X "#52"
#define ROW_W "#56"
#define X_LIMIT "#60"
#define SIZE "#64"
#define REST "#68"

/* One tap of four channels that share x: r0 x, r1 to r4 weights, r5 index from -length up to 0, r8 to r11
 * sums. */
#define SHARED_TAP(ADD_OFFSET)      \
  "ldrsb r6, [r0, r5]\n" ADD_OFFSET \
  "ldrsb r7, [r1, r5]\n"            \
  "muls r7, r6, r7\n"               \
  "add r8, r7\n"                    \
  "ldrsb r7, [r2, r5]\n"            \
  "muls r7, r6, r7\n"               \
  "add r9, r7\n"                    \
  "ldrsb r7, [r3, r5]\n"            \
  "muls r7, r6, r7\n"               \
  "add r10, r7\n"                   \
  "ldrsb r7, [r4, r5]\n"            \
  "muls r7, r6, r7\n"               \
  "add r11, r7\n"                   \
  "adds r5, #1\n"

/* The loop over taps is entered in its midst, behind as many taps as r6 says, so that it ends with a whole
 * round of four; BYTES is what one tap takes of the code. */
#define SHARED_TAPS(ADD_OFFSET, BYTES)                                        \
  "movs r7, #" #BYTES                                                         \
  "\n"                                                                        \
  "muls r6, r7, r6\n"                                                         \
  "add pc, r6\n"                                                              \
  "nop\n"                                                                     \
  "1:\n" SHARED_TAP(ADD_OFFSET) SHARED_TAP(ADD_OFFSET) SHARED_TAP(ADD_OFFSET) \
      SHARED_TAP(ADD_OFFSET) "bne 1b\n"

/* Taps of four channels that read their own x, up to the end that is on the stack: r0 x, r1 weights, r2 to r5
 * the channels, lr and the top of the stack the steps of x and weights. */
#define OWN_CHANNEL(CHANNEL, SUM) \
  "ldrsb r6, [r0, " CHANNEL       \
  "]\n"                           \
  "add r6, r12\n"                 \
  "ldrsb r7, [r1, " CHANNEL       \
  "]\n"                           \
  "muls r7, r6, r7\n"             \
  "add " SUM ", r7\n"
#define OWN_TAPS \
  "1:\n"                     \
  OWN_CHANNEL("r2", "r8")    \
  OWN_CHANNEL("r3", "r9")    \
  OWN_CHANNEL("r4", "r10")   \
  OWN_CHANNEL("r5", "r11")   \
  "ldr r7, [sp, #0]\n"       \
  "adds r1, r7\n"            \
  "add r0, lr\n"             \
  "ldr r7, [sp, #4]\n"       \
  "cmp r0, r7\n"             \
  "bne 1b\n"

/* The next sum on the stack, scaled and stored: r6 and r7 multiplier and shift, r8 and r9 their steps, r10
 * zero point, r11 and r12 limits, lr output.
 *
 * The product is that of thimble_doubling_high_mul_halves. A shift to the right leaves the half that rounds
 * in the carry. So does the rounding shift after it, which rounds up: away from zero when 1 was taken from
 * negative numbers. A shift by 0 leaves the carry as that subtraction made it, and adding it undoes the
 * subtraction. */
#define SCALE(NUMBER)    \
  "pop {r0}\n"           \
  "ldr r1, [r6]\n"       \
  "add r6, r8\n"         \
  "movs r4, #0\n"        \
  "ldrsb r5, [r7, r4]\n" \
  "add r7, r9\n"         \
  "negs r5, r5\n"        \
  "bpl 1f\n"             \
  "negs r5, r5\n"        \
  "lsls r0, r5\n"        \
  "movs r5, #0\n"        \
  "1: sxth r2, r0\n"     \
  "asrs r0, r0, #16\n"   \
  "adcs r0, r4\n"        \
  "sxth r3, r1\n"        \
  "asrs r1, r1, #16\n"   \
  "adcs r1, r4\n"        \
  "movs r4, r2\n"        \
  "muls r4, r3, r4\n"    \
  "asrs r4, r4, #16\n"   \
  "muls r2, r1, r2\n"    \
  "adds r4, r2\n"        \
  "muls r3, r0, r3\n"    \
  "adds r4, r3\n"        \
  "muls r0, r1, r0\n"    \
  "adds r0, r0\n"        \
  "asrs r4, r4, #15\n"   \
  "adcs r0, r4\n"        \
  "asrs r4, r0, #31\n"   \
  "adds r0, r4\n"        \
  "asrs r0, r5\n"        \
  "mov r4, r10\n"        \
  "adcs r0, r4\n"        \
  "cmp r0, r11\n"        \
  "bge 2f\n"             \
  "mov r0, r11\n"        \
  "2: cmp r0, r12\n"     \
  "ble 3f\n"             \
  "mov r0, r12\n"        \
  "3: mov r4, lr\n"      \
  "strb r0, [r4, #" NUMBER "]\n"

__attribute__((naked, used)) void thimble_v6m(__attribute__((unused)) thimble_v6m_job *job) {
  __asm__(
      ".syntax unified\n"
      "push {r7, lr}\n"
      "b 10f\n"

      /* Taps of each channel's own. On the stack: step of the weights, end of the row, a place to save that, the job. */
      "40: mov lr, r6\n"
      "ldr r6, [r0, " STEP_W "]\n"
      "sub sp, #12\n"
      "str r6, [sp, #0]\n"
      "adds r3, r2, #1\n"
      "adds r4, r2, #2\n"
      "adds r5, r2, #3\n"
      "mov r6, r0\n"
      "ldr r1, [r6, " W "]\n"
      "ldr r0, [r6, " X "]\n"
      "41: ldr r7, [r6, " LENGTH "]\n"
      "adds r7, r0, r7\n"
      "ldr r6, [r6, " X_LIMIT "]\n"
      "cmp r7, r6\n"
      "bhi 43f\n"
      "42: str r7, [sp, #4]\n"
      OWN_TAPS
      "ldr r6, [sp, #12]\n"
      "ldr r7, [r6, " ROWS_LEFT "]\n"
      "subs r7, #1\n"
      "beq 45f\n"
      "str r7, [r6, " ROWS_LEFT "]\n"
      "ldr r7, [r6, " ROW_W "]\n"
      "adds r1, r7\n"
      "ldr r7, [r6, " ROW_X "]\n"
      "adds r0, r7\n"
      "b 41b\n"
      /* The row reaches beyond the limit: r6. What lies before it comes first. */
      "43: cmp r0, r6\n"
      "bhs 44f\n"
      "str r6, [sp, #4]\n"
      "str r7, [sp, #8]\n"
      OWN_TAPS
      "ldr r7, [sp, #8]\n"
      "44: ldr r6, [sp, #12]\n"
      "ldr r6, [r6, " SIZE "]\n"
      "subs r0, r6\n"
      "subs r7, r6\n"
      "b 42b\n"
      "45: add sp, #12\n"
      "b 60f\n"

      /* The run ends beyond the limit: r6. Where it begins before it, what lies before it comes first and the rest,
       * which is remembered, after it. */
      "30: subs r6, r0, r6\n"
      "cmn r6, r5\n"
      "bpl 31f\n"
      "str r6, [r7, " REST "]\n"
      "subs r0, r6\n"
      "subs r1, r6\n"
      "subs r2, r6\n"
      "subs r3, r6\n"
      "subs r4, r6\n"
      "adds r5, r6\n"
      "b 21f\n"
      "31: ldr r6, [r7, " SIZE "]\n"
      "subs r0, r6\n"
      "b 21f\n"
      "32: adds r0, r6\n"
      "adds r1, r6\n"
      "adds r2, r6\n"
      "adds r3, r6\n"
      "adds r4, r6\n"
      "negs r5, r6\n"
      "movs r6, #0\n"
      "str r6, [r7, " REST "]\n"
      "b 31b\n"

      /* The next block; r0 is the job. */
      "10: push {r0}\n"
      "ldr r1, [r0, " BIAS "]\n"
      "ldr r2, [r0, " CHANNEL "]\n"
      "lsls r3, r2, #2\n"
      "adds r1, r3\n"
      "ldmia r1!, {r4-r7}\n"
      "mov r8, r4\n"
      "mov r9, r5\n"
      "mov r10, r6\n"
      "mov r11, r7\n"
      "ldr r1, [r0, " OFFSET "]\n"
      "mov r12, r1\n"
      "ldr r1, [r0, " ROWS "]\n"
      "str r1, [r0, " ROWS_LEFT "]\n"
      "ldr r6, [r0, " STEP_X "]\n"
      "cmp r6, #0\n"
      "beq 11f\n"
      "b 40b\n"

      /* Runs that the channels share. */
      "11: mov lr, r0\n"
      "ldr r6, [r0, " STEP_W "]\n"
      "ldr r1, [r0, " W "]\n"
      "muls r2, r6, r2\n"
      "adds r1, r2\n"
      "adds r2, r1, r6\n"
      "adds r3, r2, r6\n"
      "adds r4, r3, r6\n"
      "ldr r5, [r0, " LENGTH "]\n"
      "ldr r0, [r0, " X "]\n"
      "mov r7, lr\n"
      "20: movs r6, #0\n"
      "str r6, [r7, " REST "]\n"
      "ldr r6, [r7, " X_LIMIT "]\n"
      "cmp r0, r6\n"
      "bhi 30b\n"
      "21: movs r6, #3\n"
      "ands r6, r5\n"
      "mov r7, r12\n"
      "cmp r7, #0\n"
      "bne 22f\n"
      SHARED_TAPS("", 28)
      "b 23f\n"
      "22:\n"
      SHARED_TAPS("add r6, r12\n", 30)
      "23: mov r7, lr\n"
      "ldr r6, [r7, " REST "]\n"
      "cmp r6, #0\n"
      "beq 24f\n"
      "b 32b\n"
      "24: ldr r6, [r7, " ROWS_LEFT "]\n"
      "subs r6, #1\n"
      "beq 60f\n"
      "str r6, [r7, " ROWS_LEFT "]\n"
      "ldr r6, [r7, " ROW_X "]\n"
      "adds r0, r6\n"
      "ldr r6, [r7, " ROW_W "]\n"
      "adds r1, r6\n"
      "adds r2, r6\n"
      "adds r3, r6\n"
      "adds r4, r6\n"
      "ldr r5, [r7, " LENGTH "]\n"
      "b 20b\n"

      /* The sums are complete; the job is on the stack. */
      "60: mov r4, r8\n"
      "mov r5, r9\n"
      "mov r6, r10\n"
      "mov r7, r11\n"
      "ldr r0, [sp]\n"
      "ldr r1, [r0, " OUTPUT "]\n"
      "cmp r1, #0\n"
      "bne 61f\n"
      "ldr r0, [r0, " BIAS "]\n"
      "stmia r0!, {r4-r7}\n"
      "pop {r0, r7, pc}\n"
      "61: push {r4-r7}\n"
      "ldr r2, [r0, " CHANNEL "]\n"
      "adds r1, r2\n"
      "mov lr, r1\n"
      "ldr r0, [r0, " SCALING "]\n"
      "ldr r1, [r0, #8]\n"
      "muls r2, r1, r2\n"
      "ldr r7, [r0, #4]\n"
      "adds r7, r2\n"
      "lsls r2, r2, #2\n"
      "ldr r6, [r0, #0]\n"
      "adds r6, r2\n"
      "mov r9, r1\n"
      "lsls r1, r1, #2\n"
      "mov r8, r1\n"
      "ldr r1, [r0, #12]\n"
      "mov r10, r1\n"
      "ldr r1, [r0, #16]\n"
      "mov r11, r1\n"
      "ldr r1, [r0, #20]\n"
      "mov r12, r1\n"
      SCALE("0")
      SCALE("1")
      SCALE("2")
      SCALE("3")
      "pop {r0}\n"
      "ldr r1, [r0, " CHANNEL "]\n"
      "adds r1, #4\n"
      "str r1, [r0, " CHANNEL "]\n"
      "ldr r2, [r0, " CHANNEL_END "]\n"
      "cmp r1, r2\n"
      "bge 62f\n"
      "b 10b\n"
      "62: pop {r7, pc}\n");
}

#endif
