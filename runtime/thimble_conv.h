/* Convolutions. Weights live in flash, maps in the arena; input and output must not overlap. */
#ifndef THIMBLE_CONV_H
#define THIMBLE_CONV_H

#include <stdint.h>

#include "thimble_scale.h"
#include "thimble_window.h"

#ifdef __cplusplus
extern "C" {
#endif

/* y[b,r,c,o] = scaled(bias[o] + sum over taps (i,j) inside the map and channels k of
 *                     (x[b, row(r,i), column(c,j), group(o) + k] + input_offset) * weights[o,i,j,k]) */
typedef struct {
  thimble_window window;
  int32_t filter_channels; /* input channels per group; groups = input_channels / filter_channels */
  int32_t input_offset;    /* minus the input's zero point */
  const int8_t *weights;   /* [output_channels, filter_rows, filter_columns, filter_channels] */
  const int32_t *bias;     /* [output_channels] */
  thimble_scale scale;
} thimble_conv_2d_s8_params;

void thimble_conv_2d_s8(const thimble_conv_2d_s8_params *p, const int8_t *input, int8_t *output);

/* The same for 16-bit maps, without zero points. Sums are 64 bits wide and the multiplier is rounded to 15
 * bits, or, when `narrow` is set (a model with 32-bit bias), 32 bits wide and scaled as 8-bit data. */
typedef struct {
  thimble_window window;
  int32_t filter_channels;
  int32_t narrow;
  const int8_t *weights;
  const int64_t *bias; /* [output_channels] */
  thimble_scale scale;
} thimble_conv_2d_s16_params;

void thimble_conv_2d_s16(const thimble_conv_2d_s16_params *p, const int16_t *input, int16_t *output);

/* Float: products are added in the order rows, columns, channels of the filter, then the bias, each rounded
 * to float; then clamped to [minimum, maximum]. */
typedef struct {
  thimble_window window;
  int32_t filter_channels;
  const float *weights;
  const float *bias; /* [output_channels] */
  float minimum, maximum;
} thimble_conv_2d_f32_params;

void thimble_conv_2d_f32(const thimble_conv_2d_f32_params *p, const float *input, float *output);

/* Depthwise: output channel k * multiplier + j reads input channel k only; weights
 * [filter_rows, filter_columns, output_channels], multiplier = output_channels / input_channels. */
typedef struct {
  thimble_window window;
  int32_t input_offset;
  const int8_t *weights;
  const int32_t *bias;
  thimble_scale scale;
} thimble_depthwise_conv_2d_s8_params;

void thimble_depthwise_conv_2d_s8(const thimble_depthwise_conv_2d_s8_params *p, const int8_t *input,
                                  int8_t *output);

typedef struct {
  thimble_window window;
  int32_t narrow;
  const int8_t *weights;
  const int64_t *bias;
  thimble_scale scale;
} thimble_depthwise_conv_2d_s16_params;

void thimble_depthwise_conv_2d_s16(const thimble_depthwise_conv_2d_s16_params *p, const int16_t *input,
                                   int16_t *output);

typedef struct {
  thimble_window window;
  const float *weights;
  const float *bias;
  float minimum, maximum;
} thimble_depthwise_conv_2d_f32_params;

void thimble_depthwise_conv_2d_f32(const thimble_depthwise_conv_2d_f32_params *p, const float *input,
                                   float *output);

#ifdef __cplusplus
}
#endif

#endif
