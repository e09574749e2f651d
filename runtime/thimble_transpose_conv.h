/* Transposed convolutions: each input pixel adds its products to a window of outputs. Seen from the output,
 * which is how the kernels go,
 *
 *   y[b,r,c,o] = scaled(bias[o] + sum over i, j and channels k of
 *                       (x[b,i,j,k] + input_offset) * weights[o, r + padding_top - i * stride_rows,
 *                                                             c + padding_left - j * stride_columns, k])
 *
 * over the inputs i, j for which there are such weights. Parameters are those of convolutions; any map will
 * do. */
#ifndef THIMBLE_TRANSPOSE_CONV_H
#define THIMBLE_TRANSPOSE_CONV_H

#include "thimble_conv.h"

#ifdef __cplusplus
extern "C" {
#endif

void thimble_transpose_conv_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                               const int8_t *input, int8_t *output);
void thimble_transpose_conv_s16(const thimble_conv_2d_s16_params *p, const thimble_tile *tile,
                                const int16_t *input, int16_t *output);
void thimble_transpose_conv_f32(const thimble_conv_2d_f32_params *p, const thimble_tile *tile,
                                const float *input, float *output);

#ifdef __cplusplus
}
#endif

#endif
