/* Mean over some axes: sums of runs, and what becomes of them. */
#ifndef THIMBLE_MEAN_H
#define THIMBLE_MEAN_H

#include <stdint.h>

#include "thimble_fixed_point.h"

#ifdef __cplusplus
extern "C" {
#endif

/* sum + x[0] + x[step] + ... of `count` elements, in this order; integers wrap. */
int32_t thimble_sum_s8(int32_t count, const int8_t *x, int32_t step, int32_t sum);
int64_t thimble_sum_s16(int32_t count, const int16_t *x, int32_t step, int64_t sum);
float thimble_sum_f32(int32_t count, const float *x, int32_t step, float sum);

/* sums[i] gains x[i] + x[i + step] + ... of `rows` elements, for i < count; rows * 128 must fit int32. */
void thimble_sum_rows_s8(int32_t count, int32_t rows, const int8_t *x, int32_t step, int32_t *sums);
/* They lose them instead. */
void thimble_subtract_rows_s8(int32_t count, int32_t rows, const int8_t *x, int32_t step, int32_t *sums);

/* scaled(sum + sum_offset) + zero_point, clamped: the multiplier holds the division by the number of elements
 * too, and sum_offset is minus that number times the input's zero point. */
typedef struct {
  int32_t sum_offset;
  int32_t multiplier, shift, zero_point;
  int32_t minimum, maximum; /* of the output's type */
} thimble_mean_params;

static inline int32_t thimble_mean_of_sum(const thimble_mean_params *p, int32_t sum) {
  const int32_t scaled =
      thimble_requantise(thimble_add_wrapping(sum, p->sum_offset), p->multiplier, p->shift);
  return thimble_clamp(thimble_add_wrapping(scaled, p->zero_point), p->minimum, p->maximum);
}

#ifdef __cplusplus
}
#endif

#endif
