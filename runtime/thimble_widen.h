/* Bytes as halfwords, in the order of thimble_pairs.h, into every other word: those between are another pixel's. */
#ifndef THIMBLE_WIDEN_H
#define THIMBLE_WIDEN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `count` inputs, a multiple of four, more than 0; returns where the next words go. */
typedef uint32_t *thimble_widener(const int8_t *x, int32_t count, uint32_t *to);

uint32_t *thimble_widen(const int8_t *x, int32_t count, uint32_t *to);

#ifdef __cplusplus
}
#endif

#endif
