/* The inputs of two pixels as halfwords, in the order of thimble_pairs.h: their words take turns. */
#ifndef THIMBLE_WIDEN_PAIR_H
#define THIMBLE_WIDEN_PAIR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `count` inputs of each, a multiple of four, more than 0; returns where the next words go. */
uint32_t *thimble_widen_pair(const int8_t *x0, const int8_t *x1, int32_t count, uint32_t *to);

#ifdef __cplusplus
}
#endif

#endif
