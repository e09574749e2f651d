/* Bytes as halfwords, in the order of thimble_pairs.h, word after word. */
#ifndef THIMBLE_WIDEN_LINE_H
#define THIMBLE_WIDEN_LINE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* As thimble_widener (thimble_widen.h). */
uint32_t *thimble_widen_line(const int8_t *x, int32_t count, uint32_t *to);

#ifdef __cplusplus
}
#endif

#endif
