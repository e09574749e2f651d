/* What kernels for cores with Helium know of a layer before they are called: outputs, each the product of all values of
 * a row or a pixel with a row of weights. */
#ifndef THIMBLE_MVE_ROWS_H
#define THIMBLE_MVE_ROWS_H

#include <stdint.h>

#include "thimble_scale.h"

/* The outputs, and where the first of them has its constants. Assembler knows where the first ten are. */
typedef struct {
  const int8_t *w;
  const int32_t *bias, *multipliers;
  const int8_t *shifts;
  int32_t depth;
  int32_t fours; /* of outputs */
  int32_t back;  /* 0, or so many outputs back from where they end is one more, which ends with the last output */
  int32_t none;  /* 0 */
  int32_t sign;  /* whether scaling looks at the sign */
  int32_t zero_point;
  int32_t general; /* as thimble_scaled does it; also less than four outputs, and where they have one scale */
  const thimble_scale *scale; /* for that */
  int32_t run; /* of a convolution: so many values are a run in the list of a pixel's, or 0 where pixels have none */
} thimble_mve_rows;

#endif
