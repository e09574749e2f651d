/* The range of a fused activation, over a run of results. */
#ifndef THIMBLE_CLAMP_S8_H
#define THIMBLE_CLAMP_S8_H

#include "thimble_fixed_point.h"

/* Clamps y[0 .. count - 1]. */
static inline void thimble_clamp_s8(int32_t count, int32_t minimum, int32_t maximum, int8_t *y) {
  if (minimum == INT8_MIN && maximum == INT8_MAX) return;
  for (int32_t i = 0; i < count; ++i) y[i] = (int8_t)thimble_clamp(y[i], minimum, maximum);
}

#endif
