/* The product of one filter over features, for 8-bit inputs. */
#ifndef THIMBLE_SVDF_STATE_H
#define THIMBLE_SVDF_STATE_H

#include "thimble_fixed_point.h"
#include "thimble_svdf.h"

static inline int32_t thimble_svdf_feature(const thimble_svdf_state_params *p, int32_t filter,
                                           const int8_t *x) {
  const int8_t *w = p->weights + filter * p->features;
  uint32_t sum = 0;
  for (int32_t k = 0; k < p->features; ++k) sum += (uint32_t)((x[k] + p->input_offset) * w[k]);
  return thimble_requantise((int32_t)sum, p->multiplier, p->shift);
}

#endif
