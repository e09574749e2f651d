/* Where the inner loops are written out most registers are theirs: all else may as well be small. */
#if defined(__ARM_FEATURE_DSP)
#include "thimble_small_stack.h"
#endif

#include "thimble_conv.h"
#include "thimble_conv_2d_folded_s8.h"
#include "thimble_mve_conv_s8.h"

void thimble_conv_2d_known_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile, const int8_t *input,
                              int8_t *output, const thimble_mve_rows *rows) {
#ifdef THIMBLE_MVE
  thimble_mve_conv_2d_s8(p, tile, input, output, rows);
#else
  (void)rows;
  thimble_conv_2d_folded_s8(p, tile, 0, 0, input, output);
#endif
}
