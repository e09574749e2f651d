/* Dense layers. Also 1x1 convolutions without padding: a pixel is a row. */
#ifndef THIMBLE_FULLY_CONNECTED_H
#define THIMBLE_FULLY_CONNECTED_H

#include <stdint.h>

#include "thimble_limits_s8.h"
#include "thimble_mve_rows.h"
#include "thimble_scale.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A part of the sums over the features: begin .. end - 1. The first part begins the sums, the last one stores
 * outputs; between them the sums wait, rows `sum_step` elements of `sum_bytes` apart. */
typedef struct {
  int32_t begin, end;
  int32_t first, last;
  int32_t sum_step;
  int32_t sum_bytes; /* of int8_t data: 4, 3 or 2 (thimble_sums.h); else those of the sums' type */
} thimble_dense_part;

/* Every kernel makes outputs output .. output_end - 1 of `rows` rows: `x` is the first feature that is read
 * of the first row, `y` the place of its output number `output`, `sums` that of its sum.
 *
 * y[r,o] = scaled(bias[o] + sum over k of x[r,k] * weights[o,k]).
 * The input's zero point is folded into the bias, which is exact modulo 2^32:
 * bias[o] = bias of the model - zero_point * sum over k of weights[o,k]. */
typedef struct {
  int32_t depth;      /* k: features of a row */
  int32_t input_step; /* elements from one row to the next */
  int32_t output_step;
  const int8_t *weights; /* [outputs, depth] */
  const int32_t *bias;   /* [outputs] */
  thimble_scale scale;
} thimble_fully_connected_s8_params;

void thimble_fully_connected_s8(const thimble_fully_connected_s8_params *p, int32_t rows, int32_t output,
                                int32_t output_end, const int8_t *x, int8_t *y);
/* The same for all of its outputs, where what is the same in all calls is known before. */
void thimble_fully_connected_known_s8(const thimble_fully_connected_s8_params *p, const thimble_mve_rows *outputs,
                                      int32_t rows, const int8_t *x, int8_t *y);
void thimble_fully_connected_part_s8(const thimble_fully_connected_s8_params *p,
                                     const thimble_dense_part *part, int32_t rows, int32_t output,
                                     int32_t output_end, const int8_t *x, void *sums, int8_t *y);

/* The same with weights in the order of thimble_pairs.h. `output` is a multiple of the channels of a group. */
typedef struct {
  int32_t depth;
  int32_t input_step, output_step;
  int32_t kind;        /* how a group ends: THIMBLE_SCALE_... */
  thimble_limits_s8 limits; /* of the outputs */
  int32_t wide;        /* weights have halfwords of their own */
  int32_t group_words; /* of the stream */
  const int32_t *stream;
  const struct thimble_single_code *code; /* singles: thimble_pairs_code.h */
} thimble_fully_connected_pairs_s8_params;

/* `scratch`: nothing where depth is a multiple of 4, else a byte for each feature, rounded up to such a multiple. */
void thimble_fully_connected_octets_s8(const thimble_fully_connected_pairs_s8_params *p, int32_t rows,
                                       int32_t output, int32_t output_end, const int8_t *x, int8_t *y,
                                       void *scratch);
/* `scratch`: 2 bytes for each of a row's features, rounded up to a multiple of 4. */
void thimble_fully_connected_singles_s8(const thimble_fully_connected_pairs_s8_params *p, int32_t rows,
                                        int32_t output, int32_t output_end, const int8_t *x, int8_t *y,
                                        void *scratch);
/* `scratch`: 4 bytes for each of them. */
void thimble_fully_connected_quads_s8(const thimble_fully_connected_pairs_s8_params *p, int32_t rows,
                                      int32_t output, int32_t output_end, const int8_t *x, int8_t *y,
                                      void *scratch);

/* A part of the sums: its begin and its end are multiples of 4. Sums wait each for itself, though two channels may share
 * the halfwords of their weights. No working memory. */
void thimble_fully_connected_slices_s8(const thimble_fully_connected_pairs_s8_params *p,
                                       const thimble_dense_part *part, int32_t rows, int32_t output,
                                       int32_t output_end, const int8_t *x, void *sums, int8_t *y);

/* 16-bit rows, no zero points; `narrow` as for convolutions. */
typedef struct {
  int32_t depth, input_step, output_step;
  int32_t narrow;
  const int8_t *weights;
  const int64_t *bias;
  thimble_scale scale;
} thimble_fully_connected_s16_params;

void thimble_fully_connected_s16(const thimble_fully_connected_s16_params *p, int32_t rows, int32_t output,
                                 int32_t output_end, const int16_t *x, int16_t *y);
void thimble_fully_connected_part_s16(const thimble_fully_connected_s16_params *p,
                                      const thimble_dense_part *part, int32_t rows, int32_t output,
                                      int32_t output_end, const int16_t *x, int64_t *sums, int16_t *y);

/* Float: products are added in the order of k, then the bias; then clamped. */
typedef struct {
  int32_t depth, input_step, output_step;
  const float *weights;
  const float *bias;
  float minimum, maximum;
} thimble_fully_connected_f32_params;

void thimble_fully_connected_f32(const thimble_fully_connected_f32_params *p, int32_t rows, int32_t output,
                                 int32_t output_end, const float *x, float *y);
/* The same with weights that something else has computed; those of `p` are not looked at. */
void thimble_fully_connected_computed_f32(const thimble_fully_connected_f32_params *p, int32_t rows, int32_t output,
                                          int32_t output_end, const float *x, const float *weights, float *y);
void thimble_fully_connected_part_f32(const thimble_fully_connected_f32_params *p,
                                      const thimble_dense_part *part, int32_t rows, int32_t output,
                                      int32_t output_end, const float *x, float *sums, float *y);

#ifdef __cplusplus
}
#endif

#endif
