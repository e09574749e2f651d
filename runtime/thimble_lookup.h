/* Functions of one byte, by table: int8 logistic, and a change of quantisation between 8-bit types. */
#ifndef THIMBLE_LOOKUP_H
#define THIMBLE_LOOKUP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* output[i] = table[input[i]] for i < count, bytes taken as unsigned. May work in place. */
void thimble_lookup_8(const uint8_t table[256], int32_t count, const void *input, void *output);
/* The same with wider results; not in place. */
void thimble_lookup_16(const int16_t table[256], int32_t count, const void *input, int16_t *output);
void thimble_lookup_32(const int32_t table[256], int32_t count, const void *input, int32_t *output);

#ifdef __cplusplus
}
#endif

#endif
