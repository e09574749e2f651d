/* Leaky ReLU on runs of `count` elements: x above zero, slope * x below. The output is written in ascending
 * order and may lie on the input's bytes. Of 8-bit data, tables do this (thimble_lookup.h). */
#ifndef THIMBLE_LEAKY_RELU_H
#define THIMBLE_LEAKY_RELU_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Each half has a multiplier of its own: the ratio of both scales, and the slope times that. */
typedef struct {
  int32_t input_zero_point, output_zero_point;
  int32_t multiplier, shift;
  int32_t negative_multiplier, negative_shift;
} thimble_leaky_relu_params;

typedef struct {
  float slope;
} thimble_leaky_relu_f32_params;

void thimble_leaky_relu_s16(const thimble_leaky_relu_params *p, int32_t count, const int16_t *input,
                            int16_t *output);
void thimble_leaky_relu_f32(const thimble_leaky_relu_f32_params *p, int32_t count, const float *input,
                            float *output);

#ifdef __cplusplus
}
#endif

#endif
