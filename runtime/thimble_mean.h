/* Mean over some axes. Input and output must not overlap. */
#ifndef THIMBLE_MEAN_H
#define THIMBLE_MEAN_H

#include <stdint.h>

#include "thimble_fixed_point.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { THIMBLE_MEAN_AXES = 3 };

/* Neighbouring axes that are all kept or all reduced are one axis, so that three of each are enough for six.
 * Unused ones have extent 1. Strides are in elements of the input.
 *
 *   mean over rows and columns of [1,4,4,8]:  kept_extent 1 1 8,  kept_stride 0 0 1,
 *                                             reduced_extent 1 1 16,  reduced_stride 0 0 8
 */
typedef struct {
  int32_t kept_extent[THIMBLE_MEAN_AXES], kept_stride[THIMBLE_MEAN_AXES];
  int32_t reduced_extent[THIMBLE_MEAN_AXES], reduced_stride[THIMBLE_MEAN_AXES];
} thimble_reduction;

/* scaled(sum + sum_offset) + zero_point, clamped: the multiplier holds the division by the number of elements
 * too, and sum_offset is minus that number times the input's zero point. */
typedef struct {
  thimble_reduction reduction;
  int32_t sum_offset;
  int32_t multiplier, shift, zero_point;
  int32_t minimum, maximum; /* of the output's type */
} thimble_mean_params;

void thimble_mean_s8(const thimble_mean_params *p, const int8_t *input, int8_t *output);
void thimble_mean_s16(const thimble_mean_params *p, const int16_t *input, int16_t *output);

static inline int32_t thimble_mean_finish(const thimble_mean_params *p, int32_t sum) {
  const int32_t scaled =
      thimble_requantise(thimble_add_wrapping(sum, p->sum_offset), p->multiplier, p->shift);
  return thimble_clamp(thimble_add_wrapping(scaled, p->zero_point), p->minimum, p->maximum);
}

/* Float: the sum in row-major order of the input, divided by the number of elements. */
typedef struct {
  thimble_reduction reduction;
  float count;
} thimble_mean_f32_params;

void thimble_mean_f32(const thimble_mean_f32_params *p, const float *input, float *output);

#ifdef __cplusplus
}
#endif

#endif
