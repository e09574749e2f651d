/* Convolutions and dense layers on Armv6-M (Cortex-M0, M0+), which has 8 registers for arithmetic, no product
 * of more than 32 bits and no load of a signed byte at a fixed distance. Left to itself GCC keeps sums and
 * pointers on the stack. The portable loops beside the calls give the same bytes. */
#ifndef THIMBLE_V6M_H
#define THIMBLE_V6M_H

#include "thimble_scale.h"

#if (defined(__ARM_ARCH_6M__) && defined(__GNUC__) && defined(__OPTIMIZE__)) || defined(THIMBLE_V6M_TWIN)
#define THIMBLE_V6M 1
/* Frames of functions that are not inlined do not add up. */
#define THIMBLE_V6M_APART __attribute__((noinline))

/* Output channels of one pixel, in blocks of four. There are rows, and taps in them. The assembler counts on
 * the places of the members. */
typedef struct {
  const int32_t *bias;        /*  0: where the sums begin */
  const thimble_scale *scale; /*  4 */
  int8_t *y;           /*  8: of channel 0; null when the sums of one block go back to `bias` unscaled */
  int32_t channel;     /* 12: the first one; goes on */
  int32_t channel_end; /* 16 */
  int32_t offset;      /* 20: added to every x */
  int32_t rows;        /* 24 */
  int32_t rows_left;   /* 28: for the assembler */

  /*                             All channels read the same runs of x:   Each reads its own, depthwise: */
  int32_t step_x;  /* 32:  0                                       from tap to tap in a row            */
  int32_t step_w;  /* 36:  from channel to channel                 from tap to tap                     */
  int32_t length;  /* 40:  minus the elements of a run             from first tap to the end of a row  */
  const int8_t *x; /* 44:  end of the first run                    first tap of channel 0              */
  const int8_t *w; /* 48:  its end in the weights of channel 0     first tap of channel 0              */
  int32_t row_x;   /* 52:  from run to run                         from the end of a row to the next   */
  int32_t row_w;   /* 56:  from run to run                         from the end of a row to the next   */
  const int8_t *x_limit; /* 60:  end of the circular memory of x         the same for channel 0 */
  int32_t size; /* 64:  of this memory                                                              */
  int32_t rest; /* 68:  for the assembler                                                           */
} thimble_v6m_job;

#ifndef THIMBLE_V6M_TWIN
typedef char thimble_check_v6m_job[sizeof(thimble_v6m_job) == 72 ? 1 : -1];
#endif

/* In assembler; it keeps r7 only, so that C calls it by thimble_v6m_do. In C with THIMBLE_V6M_TWIN, for
 * tests. */
void thimble_v6m(thimble_v6m_job *job);

static inline void thimble_v6m_do(thimble_v6m_job *job) {
#ifdef THIMBLE_V6M_TWIN
  thimble_v6m(job);
#else
  register thimble_v6m_job *r0 __asm__("r0") = job;
  __asm__ volatile("bl thimble_v6m"
                   : "+r"(r0)
                   :
                   : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc",
                     "memory");
#endif
}

/* sums[k] gains the sum of (x[i] + offset) * w[k * stride + i] over i < count; count is above 0. */
static inline void thimble_v6m_dot4(const int8_t *x, const int8_t *w, int32_t stride, int32_t count,
                                    int32_t offset, uint32_t sums[4]) {
  thimble_v6m_job job;
  job.bias = (const int32_t *)sums;
  job.y = 0;
  job.channel = 0;
  job.offset = offset;
  job.rows = 1;
  job.step_x = 0;
  job.step_w = stride;
  job.length = -count;
  job.x = x + count;
  job.w = w + count;
  job.x_limit = job.x;
  thimble_v6m_do(&job);
}

#else
#define THIMBLE_V6M_APART
#endif

#endif
