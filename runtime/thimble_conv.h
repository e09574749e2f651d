/* Convolutions. Weights live in flash, maps in the arena.
 *
 * Every kernel makes one tile of its output, reading and writing maps in circular memory (thimble_map.h).
 * Those without an ending read maps whose columns do not fold: whole maps and rings of rows. Those that end
 * in _folded read any map; convolutions also add up a part of the input channels at a time. */
#ifndef THIMBLE_CONV_H
#define THIMBLE_CONV_H

#include <stdint.h>

#include "thimble_limits_s8.h"
#include "thimble_map.h"
#include "thimble_mve_rows.h"
#include "thimble_scale.h"
#include "thimble_window.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A part of a sum over input channels: begin .. end - 1. The first part begins the sums of the tile, the last
 * one stores outputs; between them the sums wait in `sums`, which is laid out as `map` says. */
typedef struct {
  int32_t begin, end;
  int32_t first, last;
  int32_t sum_bytes; /* of int8_t data: 4, 3 or 2 (thimble_sums.h); else those of the sums' type */
  thimble_map map;
} thimble_part;

/* y[b,r,c,o] = scaled(bias[o] + sum over taps (i,j) inside the map and channels k of
 *                     (x[b, row(r,i), column(c,j), group(o) + k] + input_offset) * weights[o,i,j,k]) */
typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t filter_channels; /* input channels per group; groups = input_channels / filter_channels */
  int32_t input_offset;    /* minus the input's zero point */
  const int8_t *weights;   /* [output_channels, filter_rows, filter_columns, filter_channels] */
  const int32_t *bias;     /* [output_channels] */
  /* Null, or for cores with vectors: bias[o] + input_offset * sum of weights[o]. To this the products of the input
   * itself are added, which for taps outside the map is the zero point. */
  const int32_t *whole_bias;
  const int8_t *outside; /* with whole_bias: zero points, as many as a filter row has taps and channels */
  thimble_scale scale;
} thimble_conv_2d_s8_params;

void thimble_conv_2d_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile, const int8_t *input,
                        int8_t *output);
/* `part` and `sums` are null for a whole sum. */
void thimble_conv_2d_folded_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                               const thimble_part *part, void *sums, const int8_t *input, int8_t *output);

/* The same, of what the kernel for vectors is fast with: with whole_bias, one group, no dilation of columns, all channels
 * of the input in memory. The values of a pixel are THIMBLE_CONV_RUNS_PATCH at most, or so many runs of neighbours, where
 * memory folds and zero points stand for what is outside. */
#define THIMBLE_CONV_RUNS 12
#define THIMBLE_CONV_RUNS_PATCH 96
void thimble_conv_2d_runs_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile, const int8_t *input,
                             int8_t *output);

/* The same, where what is the same in all calls is known before: all outputs, which tiles then have, or null. */
void thimble_conv_2d_known_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile, const int8_t *input,
                              int8_t *output, const thimble_mve_rows *rows);

/* The same with weights in the order of thimble_pairs.h, for any map: one group, no dilation of columns. The inputs of
 * each filter row are filled up to a multiple of 4. The first channel of a tile is a multiple of the channels of a
 * group of weights. `scratch`, aligned for words:
 *   octets   a thimble_octet_run for each of 3 pieces of a filter row (2 without padding) and one more, two if the
 *            filter reaches over both sides of the map; where input_channels is no multiple of 4, row_depth bytes
 *            for each filter row
 *   singles  2 bytes for each input of a pixel; where input_channels is no multiple of 4, 3
 *   quads    4 bytes for each input of a pixel; where input_channels is no multiple of 4, 5 */
typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t row_depth;   /* filter_columns * input_channels, rounded up to a multiple of 4 */
  int32_t kind;        /* how a group ends: THIMBLE_SCALE_... */
  thimble_limits_s8 limits; /* of the outputs */
  int32_t wide;        /* weights have halfwords of their own */
  int32_t group_words; /* of the stream */
  const int32_t *stream;
  const struct thimble_single_code *code; /* singles: thimble_pairs_code.h */
  const int8_t *outside; /* row_depth zero points */
} thimble_conv_2d_pairs_s8_params;

void thimble_conv_2d_octets_s8(const thimble_conv_2d_pairs_s8_params *p, const thimble_tile *tile,
                               const int8_t *input, int8_t *output, void *scratch);
void thimble_conv_2d_singles_s8(const thimble_conv_2d_pairs_s8_params *p, const thimble_tile *tile,
                                const int8_t *input, int8_t *output, void *scratch);
void thimble_conv_2d_quads_s8(const thimble_conv_2d_pairs_s8_params *p, const thimble_tile *tile,
                              const int8_t *input, int8_t *output, void *scratch);

/* The same for filters larger than 1x1, over maps whose columns do not fold: the inputs under a strip of a row of outputs
 * are widened once. Tiles are at least 2 columns wide and have a multiple of 4 channels, or all of them, 4 at least.
 * `scratch`, aligned for words: 8 bytes for each of (strip - 2) / 2 * apart + row_words words of filter_rows rows, where
 * apart = stride_columns * input_channels is how far a pixel's inputs are from its neighbour's; where that is even
 * and strips are longer than 2, for `apart` more of each row. */
typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t strip;     /* outputs of a strip, an even number */
  int32_t row_words; /* of a filter row: two inputs each */
  int32_t zero;      /* the input's zero point */
  int32_t kind;      /* how a group ends: THIMBLE_SCALE_... */
  thimble_limits_s8 limits; /* of the outputs */
  int32_t wide;        /* weights have halfwords of their own */
  int32_t group_words; /* of the stream */
  const int32_t *stream;
} thimble_conv_2d_rows_s8_params;

void thimble_conv_2d_rows_s8(const thimble_conv_2d_rows_s8_params *p, const thimble_tile *tile, const int8_t *input,
                             int8_t *output, void *scratch);

/* The same for 16-bit maps, without zero points. Sums are 64 bits wide and the multiplier is rounded to 15
 * bits, or, when `narrow` is set (a model with 32-bit bias), 32 bits wide and scaled as 8-bit data. */
typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t filter_channels;
  int32_t narrow;
  const int8_t *weights;
  const int64_t *bias; /* [output_channels] */
  thimble_scale scale;
} thimble_conv_2d_s16_params;

void thimble_conv_2d_s16(const thimble_conv_2d_s16_params *p, const thimble_tile *tile, const int16_t *input,
                         int16_t *output);
/* `part` and `sums` are null for a whole sum. */
void thimble_conv_2d_folded_s16(const thimble_conv_2d_s16_params *p, const thimble_tile *tile,
                                const thimble_part *part, int64_t *sums, const int16_t *input,
                                int16_t *output);

/* Float: products are added in the order rows, columns, channels of the filter, then the bias, each rounded
 * to float; then clamped to [minimum, maximum]. */
typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t filter_channels;
  const float *weights;
  const float *bias; /* [output_channels] */
  float minimum, maximum;
} thimble_conv_2d_f32_params;

void thimble_conv_2d_f32(const thimble_conv_2d_f32_params *p, const thimble_tile *tile, const float *input,
                         float *output);
/* `part` and `sums` are null for a whole sum. */
void thimble_conv_2d_folded_f32(const thimble_conv_2d_f32_params *p, const thimble_tile *tile,
                                const thimble_part *part, float *sums, const float *input, float *output);

/* Depthwise: output channel k * multiplier + j reads input channel k only; weights
 * [filter_rows, filter_columns, output_channels], multiplier = output_channels / input_channels. */
typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t multiplier;
  int32_t input_offset;
  const int8_t *weights;
  const int32_t *bias;
  const int32_t *whole_bias; /* as above */
  const int8_t *outside;     /* with whole_bias: a pixel of zero points */
  thimble_scale scale;
} thimble_depthwise_conv_2d_s8_params;

void thimble_depthwise_conv_2d_s8(const thimble_depthwise_conv_2d_s8_params *p, const thimble_tile *tile,
                                  const int8_t *input, int8_t *output);
void thimble_depthwise_conv_2d_folded_s8(const thimble_depthwise_conv_2d_s8_params *p,
                                         const thimble_tile *tile, const int8_t *input, int8_t *output);

/* The same, of what the kernel for vectors is fast with: with whole_bias, a multiplier of 1, scales of their own, so many
 * filter columns at most. */
#define THIMBLE_DEPTHWISE_LISTS_COLUMNS 25
void thimble_depthwise_conv_2d_lists_s8(const thimble_depthwise_conv_2d_s8_params *p, const thimble_tile *tile,
                                        const int8_t *input, int8_t *output);

/* The same for a multiplier of 1, two taps at a time (thimble_pairs.h); tiles have a multiple of 4 channels, or all
 * of them, 4 at least. `scratch`: a word for each tap. */
typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t kind; /* how a group ends: THIMBLE_SCALE_... */
  thimble_limits_s8 limits; /* of the outputs */
  int32_t group_words;
  const int32_t *stream;
  const int8_t *outside; /* a pixel of zero points */
} thimble_depthwise_conv_2d_taps_s8_params;

void thimble_depthwise_conv_2d_taps_s8(const thimble_depthwise_conv_2d_taps_s8_params *p, const thimble_tile *tile,
                                       const int8_t *input, int8_t *output, void *scratch);

/* The same for a multiplier above 1: each tap of a pixel is spread first, every channel repeated as often as outputs
 * read it. Tiles have all channels, 4 at least. `scratch`, aligned for words: a word and all outputs' bytes, rounded up
 * to words, for each tap. */
typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t multiplier;
  int32_t kind; /* how a group ends: THIMBLE_SCALE_... */
  thimble_limits_s8 limits; /* of the outputs */
  int32_t group_words;
  const int32_t *stream;
  const int8_t *outside; /* a pixel of zero points, as many as outputs */
} thimble_depthwise_conv_2d_spread_s8_params;

void thimble_depthwise_conv_2d_spread_s8(const thimble_depthwise_conv_2d_spread_s8_params *p, const thimble_tile *tile,
                                         const int8_t *input, int8_t *output, void *scratch);

/* The same for filters of 3x3 without dilation of columns, which move by 1 or 2 columns, over maps whose columns do
 * not fold: strips of a row of outputs (thimble_pairs.h), or of a column of them, `down`, over maps that do not fold at
 * all; rows and columns of window and filter have changed places then, those of maps and tile have not. `scratch`: the
 * planes of a strip, 16 bytes for each word of thimble_strip_plane. */
typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t strip; /* outputs of a strip, at most */
  int32_t down;
  int32_t kind;  /* THIMBLE_SCALE_RELU or THIMBLE_SCALE_SIGNED */
  thimble_limits_s8 limits; /* of the outputs */
  int32_t group_words;
  const int32_t *stream;
  const int8_t *outside; /* a pixel of zero points */
} thimble_depthwise_conv_2d_strips_s8_params;

void thimble_depthwise_conv_2d_strips_s8(const thimble_depthwise_conv_2d_strips_s8_params *p,
                                         const thimble_tile *tile, const int8_t *input, int8_t *output,
                                         void *scratch);

typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t multiplier;
  int32_t narrow;
  const int8_t *weights;
  const int64_t *bias;
  thimble_scale scale;
} thimble_depthwise_conv_2d_s16_params;

void thimble_depthwise_conv_2d_s16(const thimble_depthwise_conv_2d_s16_params *p, const thimble_tile *tile,
                                   const int16_t *input, int16_t *output);
void thimble_depthwise_conv_2d_folded_s16(const thimble_depthwise_conv_2d_s16_params *p,
                                          const thimble_tile *tile, const int16_t *input, int16_t *output);

typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t multiplier;
  const float *weights;
  const float *bias;
  float minimum, maximum;
} thimble_depthwise_conv_2d_f32_params;

void thimble_depthwise_conv_2d_f32(const thimble_depthwise_conv_2d_f32_params *p, const thimble_tile *tile,
                                   const float *input, float *output);
void thimble_depthwise_conv_2d_folded_f32(const thimble_depthwise_conv_2d_f32_params *p,
                                          const thimble_tile *tile, const float *input, float *output);

#ifdef __cplusplus
}
#endif

#endif
