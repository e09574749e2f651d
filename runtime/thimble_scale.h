/* From a sum to a stored integer: the last step of convolutions and dense layers. */
#ifndef THIMBLE_SCALE_H
#define THIMBLE_SCALE_H

#include "thimble_fixed_point.h"

/* How far cores with Helium can simplify the scaling. */
enum {
  THIMBLE_MVE_GENERAL, /* as thimble_scaled does it */
  THIMBLE_MVE_DOWN,    /* no channel is scaled up, and none so little down that a zero point more leaves 32 bits; the
                        * result is clamped to all of int8_t */
  THIMBLE_MVE_RELU     /* also what lies below the zero point, where rounding looks at the sign, is clamped to it */
};

/* Output channel c is scaled by the real multiplier number c * channel_step (0: one for all, 1: one each),
 * moved by the output's zero point and clamped to the range of the fused activation. */
typedef struct {
  const int32_t *multipliers;
  const int8_t *shifts;
  int32_t channel_step;
  int32_t zero_point;
  int32_t minimum, maximum;
  int32_t form; /* THIMBLE_MVE_... */
} thimble_scale;

static inline int32_t thimble_scaled(const thimble_scale *scale, int32_t channel, int32_t sum) {
  const int32_t i = channel * scale->channel_step;
  const int32_t scaled = thimble_requantise(sum, scale->multipliers[i], scale->shifts[i]);
  return thimble_clamp(thimble_add_wrapping(scaled, scale->zero_point), scale->minimum, scale->maximum);
}

/* The same for a 64-bit sum. `narrow`: it is taken modulo 2^32 and scaled as above. */
static inline int32_t thimble_scaled_wide(const thimble_scale *scale, int32_t channel, uint64_t sum,
                                          int32_t narrow) {
  if (narrow) return thimble_scaled(scale, channel, (int32_t)(uint32_t)sum);
  const int32_t i = channel * scale->channel_step;
  const int32_t scaled = thimble_requantise_wide((int64_t)sum, scale->multipliers[i], scale->shifts[i]);
  return thimble_clamp(thimble_add_wrapping(scaled, scale->zero_point), scale->minimum, scale->maximum);
}

#endif
