/* Between float and integers, and between integer types. */
#ifndef THIMBLE_QUANTIZE_H
#define THIMBLE_QUANTIZE_H

#include <stdint.h>

#include "thimble_fixed_point.h"

#ifdef __cplusplus
extern "C" {
#endif

/* real = scale * (stored - zero_point), for runs of `count` elements. */
typedef struct {
  float scale;
  int32_t zero_point;
} thimble_quantize_params;

/* round(x / scale) + zero_point, halves away from zero, clamped to the type. Wider outputs than inputs are
 * not made in place. */
void thimble_quantize_f32_s8(const thimble_quantize_params *p, int32_t count, const float *input,
                             int8_t *output);
void thimble_quantize_f32_s16(const thimble_quantize_params *p, int32_t count, const float *input,
                              int16_t *output);

void thimble_dequantize_s8_f32(const thimble_quantize_params *p, int32_t count, const int8_t *input,
                               float *output);
void thimble_dequantize_u8_f32(const thimble_quantize_params *p, int32_t count, const uint8_t *input,
                               float *output);
void thimble_dequantize_s16_f32(const thimble_quantize_params *p, int32_t count, const int16_t *input,
                                float *output);

/* From one integer type and quantisation to another: scaled(x - input_zero_point) + output_zero_point,
 * clamped. From 8-bit types, tables do this (thimble_lookup.h). */
typedef struct {
  int32_t input_zero_point, output_zero_point;
  int32_t multiplier, shift;
  int32_t minimum, maximum; /* of the output's type */
} thimble_requantize_params;

static inline int32_t thimble_requantize_one(const thimble_requantize_params *p, int32_t x) {
  const int32_t centred = (int32_t)((uint32_t)x - (uint32_t)p->input_zero_point);
  const int32_t scaled = thimble_requantise(centred, p->multiplier, p->shift);
  return thimble_clamp(thimble_add_wrapping(scaled, p->output_zero_point), p->minimum, p->maximum);
}

void thimble_requantize_s16_s8(const thimble_requantize_params *p, int32_t count, const int16_t *input,
                               int8_t *output);
void thimble_requantize_s16_s16(const thimble_requantize_params *p, int32_t count, const int16_t *input,
                                int16_t *output);
void thimble_requantize_s16_s32(const thimble_requantize_params *p, int32_t count, const int16_t *input,
                                int32_t *output);
void thimble_requantize_s32_s8(const thimble_requantize_params *p, int32_t count, const int32_t *input,
                               int8_t *output);
void thimble_requantize_s32_s16(const thimble_requantize_params *p, int32_t count, const int32_t *input,
                                int16_t *output);

#ifdef __cplusplus
}
#endif

#endif
