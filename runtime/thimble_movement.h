/* Operators that only move data, by the size of an element. Input and output must not overlap. */
#ifndef THIMBLE_MOVEMENT_H
#define THIMBLE_MOVEMENT_H

#include <stdint.h>

#include "thimble_walk.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Copies elements from the walk's array a to its array b: slices, transposes, concatenations, the inside of a
 * padded map. The pointers are at the first element that is read and written. */
void thimble_copy_8(const thimble_walk *walk, const void *source, void *destination);
void thimble_copy_16(const thimble_walk *walk, const void *source, void *destination);
void thimble_copy_32(const thimble_walk *walk, const void *source, void *destination);
void thimble_copy_64(const thimble_walk *walk, const void *source, void *destination);

/* Sets `count` elements to `value`. */
void thimble_fill_8(void *destination, int32_t count, uint8_t value);
void thimble_fill_16(void *destination, int32_t count, uint16_t value);
void thimble_fill_32(void *destination, int32_t count, uint32_t value);
void thimble_fill_64(void *destination, int32_t count, uint64_t value);

/* Nearest neighbour: output pixel (r, c) is input pixel (row_of[r], column_of[c]). */
typedef struct {
  int32_t batches, input_rows, input_columns, output_rows, output_columns;
  int32_t pixel_bytes;
  const int32_t *row_of;    /* [output_rows] */
  const int32_t *column_of; /* [output_columns] */
} thimble_resize_params;

void thimble_resize_nearest_neighbor(const thimble_resize_params *p, const void *input, void *output);

#ifdef __cplusplus
}
#endif

#endif
