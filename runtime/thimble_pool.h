/* Pools: one value per window and channel. As convolutions (thimble_conv.h) they make one tile of the output;
 * those that end in _folded read maps whose columns fold. */
#ifndef THIMBLE_POOL_H
#define THIMBLE_POOL_H

#include <stdint.h>

#include "thimble_map.h"
#include "thimble_window.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Windows are not dilated and have at least one tap inside the map; channels of input and output are equal.
 * Input and output have the same scale and zero point. Results are clamped to [minimum, maximum]. */
typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t minimum, maximum;
} thimble_pool_params;

/* Mean of the taps inside the map, rounded to nearest, halves away from zero. */
void thimble_average_pool_2d_s8(const thimble_pool_params *p, const thimble_tile *tile, const int8_t *input,
                                int8_t *output);
void thimble_average_pool_2d_folded_s8(const thimble_pool_params *p, const thimble_tile *tile,
                                       const int8_t *input, int8_t *output);
/* The same of sums of `taps` values each: y[i] of sums[i], not clamped. */
void thimble_average_sums_s8(int32_t count, int32_t taps, const int32_t *sums, int8_t *y);
void thimble_average_pool_2d_s16(const thimble_pool_params *p, const thimble_tile *tile, const int16_t *input,
                                 int16_t *output);
void thimble_average_pool_2d_folded_s16(const thimble_pool_params *p, const thimble_tile *tile,
                                        const int16_t *input, int16_t *output);

/* Largest of the taps inside the map. */
void thimble_max_pool_2d_s8(const thimble_pool_params *p, const thimble_tile *tile, const int8_t *input,
                            int8_t *output);
void thimble_max_pool_2d_folded_s8(const thimble_pool_params *p, const thimble_tile *tile,
                                   const int8_t *input, int8_t *output);
void thimble_max_pool_2d_s16(const thimble_pool_params *p, const thimble_tile *tile, const int16_t *input,
                             int16_t *output);
void thimble_max_pool_2d_folded_s16(const thimble_pool_params *p, const thimble_tile *tile,
                                    const int16_t *input, int16_t *output);

typedef struct {
  thimble_window window;
  thimble_map input, output;
  float minimum, maximum;
} thimble_pool_f32_params;

/* The sum in the order rows, columns, divided by the number of taps inside the map. */
void thimble_average_pool_2d_f32(const thimble_pool_f32_params *p, const thimble_tile *tile,
                                 const float *input, float *output);
void thimble_average_pool_2d_folded_f32(const thimble_pool_f32_params *p, const thimble_tile *tile,
                                        const float *input, float *output);
void thimble_max_pool_2d_f32(const thimble_pool_f32_params *p, const thimble_tile *tile, const float *input,
                             float *output);
void thimble_max_pool_2d_folded_f32(const thimble_pool_f32_params *p, const thimble_tile *tile,
                                    const float *input, float *output);

/* sum / count rounded to nearest, halves away from zero; count > 0. The half is added to the remainder, where
 * it cannot overflow. */
static inline int32_t thimble_rounded_mean(int32_t sum, int32_t count) {
  const int32_t quotient = sum / count;
  const int32_t remainder = sum % count;
  if (sum > 0) return remainder + count / 2 >= count ? quotient + 1 : quotient;
  return remainder - count / 2 <= -count ? quotient - 1 : quotient;
}

#ifdef __cplusplus
}
#endif

#endif
