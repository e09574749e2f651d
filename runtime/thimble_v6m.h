/* Convolutions and dense layers on Armv6-M (Cortex-M0, M0+), which has 8 registers for arithmetic, no product of more
 * than 32 bits and no load of a signed byte at a fixed distance. Left to itself GCC keeps sums and pointers on the
 * stack. The portable loops beside the calls give the same bytes. */
#ifndef THIMBLE_V6M_H
#define THIMBLE_V6M_H

#include "thimble_scale.h"

#if defined(__ARM_ARCH_6M__) && defined(__GNUC__) && defined(__OPTIMIZE__)
#define THIMBLE_V6M 1

/* `blocks` times four output channels of one pixel. Neither rows nor their taps are none. The assembler counts on the
 * places of the members, and changes some. */
typedef struct {
  const int32_t *bias;        /*  0: where the sums begin */
  const int32_t *multiplier;  /*  4 */
  const int8_t *shift;        /*  8 */
  const thimble_scale *scale; /* 12 */
  int8_t *y;                  /* 16: null when the sums of one block go back to `bias` unscaled */
  int32_t blocks;             /* 20 */
  int32_t offset;             /* 24: added to every x */
  int32_t rows;               /* 28 */
  int32_t rows_left;          /* 32 */

  /*                             All channels read the same runs of x:   Each reads its own, depthwise:         */
  int32_t step_x;        /* 36:  0                                       from tap to tap in a row               */
  int32_t step_w;        /* 40:  from channel to channel                 from tap to tap                        */
  int32_t length;        /* 44:  minus the elements of a run             from first tap to the end of the row   */
  const int8_t *x;       /* 48:  end of the first run                    first tap of channel 0                 */
  const int8_t *w;       /* 52:  its end in the first channel's weights  first tap of channel 0                 */
  int32_t row_x;         /* 56:  from run to run                         from the end of a row to the next one  */
  int32_t row_w;         /* 60:  from run to run                         from the end of a row to the next one  */
  const int8_t *x_limit; /* 64:  runs that end there are `size` too far  rows go on `size` before it            */
  int32_t size;          /* 68:  of the circular memory of x                                                    */
  int32_t channel;       /* 72:                                          the first one                          */
} thimble_v6m_job;

typedef char thimble_check_v6m_job[sizeof(thimble_v6m_job) == 76 ? 1 : -1];

void thimble_v6m(thimble_v6m_job *job);

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

/* sums[k] gains the sum of (x[i] + offset) * w[k * stride + i] over i < count; count is above 0. */
static inline void thimble_v6m_dot4(const int8_t *x, const int8_t *w, int32_t stride, int32_t count,
                                    int32_t offset, uint32_t sums[4]) {
  thimble_v6m_job job;
  job.bias = (const int32_t *)sums;
  job.y = 0;
  job.offset = offset;
  job.rows = 1;
  job.step_x = 0;
  job.step_w = stride;
  job.length = -count;
  job.x = x + count;
  job.w = w + count;
  thimble_v6m(&job);
}

#endif

#endif
