/* Dense layers. Also 1x1 convolutions without padding: a pixel is a row. Input and output must not overlap.
 */
#ifndef THIMBLE_FULLY_CONNECTED_H
#define THIMBLE_FULLY_CONNECTED_H

#include <stdint.h>

#include "thimble_scale.h"

#ifdef __cplusplus
extern "C" {
#endif

/* y[r,o] = scaled(bias[o] + sum over k of x[r,k] * weights[o,k]).
 * The input's zero point is folded into the bias, which is exact modulo 2^32:
 * bias[o] = bias of the model - zero_point * sum over k of weights[o,k]. */
typedef struct {
  int32_t rows;          /* product of all axes but the last of the output */
  int32_t depth;         /* k: elements of an input row */
  int32_t outputs;       /* o: elements of an output row */
  const int8_t *weights; /* [outputs, depth] */
  const int32_t *bias;   /* [outputs] */
  thimble_scale scale;
} thimble_fully_connected_s8_params;

void thimble_fully_connected_s8(const thimble_fully_connected_s8_params *p, const int8_t *input,
                                int8_t *output);

/* 16-bit rows, no zero points; `narrow` as for convolutions. */
typedef struct {
  int32_t rows, depth, outputs;
  int32_t narrow;
  const int8_t *weights;
  const int64_t *bias;
  thimble_scale scale;
} thimble_fully_connected_s16_params;

void thimble_fully_connected_s16(const thimble_fully_connected_s16_params *p, const int16_t *input,
                                 int16_t *output);

/* Float: products are added in the order of k, then the bias; then clamped. */
typedef struct {
  int32_t rows, depth, outputs;
  const float *weights;
  const float *bias;
  float minimum, maximum;
} thimble_fully_connected_f32_params;

void thimble_fully_connected_f32(const thimble_fully_connected_f32_params *p, const float *input,
                                 float *output);

#ifdef __cplusplus
}
#endif

#endif
