/* SVDF: filters over time that are products of a filter over features and one over time. One kernel moves
 * every filter's memory on by one inference, the other one sums the memories up. */
#ifndef THIMBLE_SVDF_H
#define THIMBLE_SVDF_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Elements begin .. end - 1 of one row of memories, `length` for each filter, oldest first: all take their
 * successor's value, but the last of each filter becomes
 * saturated(scaled(sum over k of (x[k] + input_offset) * weights[filter,k])) + output_offset.
 * `x` and `memory` begin with the row, `next` with element `begin`. */
typedef struct {
  int32_t features, length;
  int32_t input_offset, output_offset;
  int32_t multiplier, shift;
  const int8_t *weights; /* [filters, features] */
} thimble_svdf_state_params;

void thimble_svdf_state_s8(const thimble_svdf_state_params *p, int32_t begin, int32_t end, const int8_t *x,
                           const int8_t *memory, int8_t *next);
void thimble_svdf_state_s16(const thimble_svdf_state_params *p, int32_t begin, int32_t end, const int8_t *x,
                            const int16_t *memory, int16_t *next);

typedef struct {
  int32_t features, length;
  const float *weights;
} thimble_svdf_state_f32_params;

void thimble_svdf_state_f32(const thimble_svdf_state_f32_params *p, int32_t begin, int32_t end,
                            const float *x, const float *memory, float *next);

/* Outputs begin .. end - 1 of one row: y[u] = clamp(scaled(bias[u] + sum over the unit's filters and times of
 * (memory + memory_offset) * weight) + output_offset). `depth`: elements of memory for an output. `memory`
 * begins with the row, `y` with output `begin`. */
typedef struct {
  int32_t depth;
  int32_t memory_offset, output_offset;
  int32_t multiplier, shift;
  int32_t minimum, maximum;
  const int8_t *weights; /* [outputs, depth] */
  const int32_t *bias;   /* null: none */
} thimble_svdf_s8_params;

void thimble_svdf_s8(const thimble_svdf_s8_params *p, int32_t begin, int32_t end, const int8_t *memory,
                     int8_t *y);

typedef struct {
  int32_t depth;
  int32_t memory_offset, output_offset;
  int32_t multiplier, shift;
  int32_t minimum, maximum;
  const int16_t *weights;
  const int32_t *bias;
} thimble_svdf_s16_params;

void thimble_svdf_s16(const thimble_svdf_s16_params *p, int32_t begin, int32_t end, const int16_t *memory,
                      int8_t *y);

/* Float: each filter is summed for itself, then added to the bias. */
typedef struct {
  int32_t rank, length;
  float minimum, maximum;
  const float *weights;
  const float *bias;
} thimble_svdf_f32_params;

void thimble_svdf_f32(const thimble_svdf_f32_params *p, int32_t begin, int32_t end, const float *memory,
                      float *y);

#ifdef __cplusplus
}
#endif

#endif
