/* Element-wise operators on runs of `count` elements. Element i of the output is made of element i of both
 * inputs, or of element 0 where an input is repeated along the run: its step is 0. The output is written in
 * ascending order and may lie on the bytes of an input that is not repeated. */
#ifndef THIMBLE_ELEMENTWISE_H
#define THIMBLE_ELEMENTWISE_H

#include <stdint.h>

#include "thimble_fixed_point.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sum or difference of 8- or 16-bit data: each operand is brought to a common scale with `left_shift` more
 * bits, then the result to the output's scale. */
typedef struct {
  int32_t step_a, step_b;
  int32_t left_shift;                      /* 20 for 8-bit, 15 for 16-bit data */
  int32_t offset_a, multiplier_a, shift_a; /* offset: minus the zero point */
  int32_t offset_b, multiplier_b, shift_b;
  int32_t multiplier, shift, zero_point; /* of the output */
  int32_t minimum, maximum;              /* range of the fused activation */
} thimble_sum_params;

static inline int32_t thimble_operand(int32_t x, int32_t offset, int32_t left_shift, int32_t multiplier,
                                      int32_t shift) {
  return thimble_requantise(thimble_shift_left(x + offset, left_shift), multiplier, shift);
}

static inline int32_t thimble_sum_finish(const thimble_sum_params *p, int32_t sum) {
  const int32_t scaled = thimble_requantise(sum, p->multiplier, p->shift);
  return thimble_clamp(thimble_add_wrapping(scaled, p->zero_point), p->minimum, p->maximum);
}

static inline int32_t thimble_add_one(const thimble_sum_params *p, int32_t a, int32_t b) {
  const int32_t x = thimble_operand(a, p->offset_a, p->left_shift, p->multiplier_a, p->shift_a);
  const int32_t y = thimble_operand(b, p->offset_b, p->left_shift, p->multiplier_b, p->shift_b);
  return thimble_sum_finish(p, thimble_add_wrapping(x, y));
}

static inline int32_t thimble_sub_one(const thimble_sum_params *p, int32_t a, int32_t b) {
  const int32_t x = thimble_operand(a, p->offset_a, p->left_shift, p->multiplier_a, p->shift_a);
  const int32_t y = thimble_operand(b, p->offset_b, p->left_shift, p->multiplier_b, p->shift_b);
  return thimble_sum_finish(p, (int32_t)((uint32_t)x - (uint32_t)y));
}

void thimble_add_s8(const thimble_sum_params *p, int32_t count, const int8_t *a, const int8_t *b,
                    int8_t *output);
void thimble_add_s16(const thimble_sum_params *p, int32_t count, const int16_t *a, const int16_t *b,
                     int16_t *output);
void thimble_sub_s8(const thimble_sum_params *p, int32_t count, const int8_t *a, const int8_t *b,
                    int8_t *output);
void thimble_sub_s16(const thimble_sum_params *p, int32_t count, const int16_t *a, const int16_t *b,
                     int16_t *output);

/* Product: scaled((a + offset_a) * (b + offset_b)) + zero_point, clamped. */
typedef struct {
  int32_t step_a, step_b;
  int32_t offset_a, offset_b;
  int32_t multiplier, shift, zero_point;
  int32_t minimum, maximum;
} thimble_mul_params;

static inline int32_t thimble_mul_one(const thimble_mul_params *p, int32_t a, int32_t b) {
  const uint32_t product = (uint32_t)(a + p->offset_a) * (uint32_t)(b + p->offset_b);
  const int32_t scaled = thimble_requantise((int32_t)product, p->multiplier, p->shift);
  return thimble_clamp(thimble_add_wrapping(scaled, p->zero_point), p->minimum, p->maximum);
}

void thimble_mul_s8(const thimble_mul_params *p, int32_t count, const int8_t *a, const int8_t *b,
                    int8_t *output);
void thimble_mul_s16(const thimble_mul_params *p, int32_t count, const int16_t *a, const int16_t *b,
                     int16_t *output);

/* Float: the result is clamped to [minimum, maximum]. */
typedef struct {
  int32_t step_a, step_b;
  float minimum, maximum;
} thimble_elementwise_f32_params;

void thimble_add_f32(const thimble_elementwise_f32_params *p, int32_t count, const float *a, const float *b,
                     float *output);
void thimble_sub_f32(const thimble_elementwise_f32_params *p, int32_t count, const float *a, const float *b,
                     float *output);
void thimble_mul_f32(const thimble_elementwise_f32_params *p, int32_t count, const float *a, const float *b,
                     float *output);

#ifdef __cplusplus
}
#endif

#endif
