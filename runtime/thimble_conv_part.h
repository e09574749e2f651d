/* Convolutions in parts: some taps of a filter, and sums of what other parts have added up. */
#ifndef THIMBLE_CONV_PART_H
#define THIMBLE_CONV_PART_H

#include <stdint.h>

#include "thimble_map.h"
#include "thimble_scale.h"
#include "thimble_window.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sums of the output's channels. Output row r adds row floor((num_rows * r + offset_rows) / den_rows) of them, columns
 * likewise; nothing where that lies outside of `rows` and `columns`. */
typedef struct {
  int32_t rows, columns;
  int32_t num_rows, num_columns;
  int32_t den_rows, den_columns;
  int32_t offset_rows, offset_columns;
  thimble_map map;
} thimble_addend;

#define THIMBLE_MOST_ADDENDS 4

/* sum[b,r,c,o] = bias[o] + addends + sum over taps inside the map and channels of (x + input_offset) * weight, modulo
 * 2^32. With `scaled` outputs are int8_t, made of sums as by thimble_conv_2d_s8; else they are the sums, int32_t.
 * padding_top and padding_left of the window may be negative. */
typedef struct {
  thimble_window window;
  thimble_map input, output;
  int32_t multiplier; /* outputs of an input channel, of a depthwise one */
  int32_t input_offset;
  const int8_t *weights; /* [output_channels, filter_rows, filter_columns, input_channels], of a depthwise one
                          * [filter_rows, filter_columns, output_channels] */
  const int32_t *bias;   /* [output_channels], or null */
  int32_t addend_count;
  thimble_addend addends[THIMBLE_MOST_ADDENDS];
  int32_t scaled;
  thimble_scale scale;
} thimble_conv_part_s8_params;

/* `sums`: where each of the addends lies; null without any. */
void thimble_conv_part_s8(const thimble_conv_part_s8_params *p, const thimble_tile *tile, const int8_t *input,
                          const int32_t *const *sums, void *output);
void thimble_depthwise_conv_part_s8(const thimble_conv_part_s8_params *p, const thimble_tile *tile,
                                    const int8_t *input, const int32_t *const *sums, void *output);

#ifdef __cplusplus
}
#endif

#endif
