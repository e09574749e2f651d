/* The range of a fused activation, over a run of results. */
#ifndef THIMBLE_CLAMP_S8_H
#define THIMBLE_CLAMP_S8_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Clamps y[0 .. count - 1]. */
void thimble_clamp_s8(int32_t count, int32_t minimum, int32_t maximum, int8_t *y);

#ifdef __cplusplus
}
#endif

#endif
