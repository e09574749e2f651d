/* Operators that only move data, by the size of an element. */
#ifndef THIMBLE_MOVEMENT_H
#define THIMBLE_MOVEMENT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* destination[i] = source[i * step] for i < count: runs of slices, transposes, concatenations, padded maps.
 * The step is negative where the source is walked backwards. */
void thimble_copy_8(int32_t count, const void *source, int32_t step, void *destination);
void thimble_copy_16(int32_t count, const void *source, int32_t step, void *destination);
void thimble_copy_32(int32_t count, const void *source, int32_t step, void *destination);
void thimble_copy_64(int32_t count, const void *source, int32_t step, void *destination);

/* Sets `count` elements to `value`. */
void thimble_fill_8(int32_t count, uint8_t value, void *destination);
void thimble_fill_16(int32_t count, uint16_t value, void *destination);
void thimble_fill_32(int32_t count, uint32_t value, void *destination);
void thimble_fill_64(int32_t count, uint64_t value, void *destination);

#ifdef __cplusplus
}
#endif

#endif
