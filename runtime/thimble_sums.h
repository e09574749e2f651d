/* Partial sums that wait for their next part in 4, 3 or 2 bytes: as few as are proved to hold them. */
#ifndef THIMBLE_SUMS_H
#define THIMBLE_SUMS_H

#include <stdint.h>

/* Two's complement, least byte first, at any address. */
typedef struct {
  uint8_t byte[3];
} thimble_sum24;

/* Sum number `i`, of `bytes` bytes each. */
static inline int32_t thimble_sum_at(const void *sums, int32_t bytes, int32_t i) {
  if (bytes == 4) return ((const int32_t *)sums)[i];
  if (bytes == 2) return ((const int16_t *)sums)[i];
  {
    const uint8_t *const b = ((const thimble_sum24 *)sums)[i].byte;
    const uint32_t low = (uint32_t)b[0] | (uint32_t)b[1] << 8;
    return (int32_t)(low | (uint32_t)(int32_t)(int8_t)b[2] << 16);
  }
}

static inline void thimble_set_sum(void *sums, int32_t bytes, int32_t i, int32_t sum) {
  if (bytes == 4) {
    ((int32_t *)sums)[i] = sum;
  } else if (bytes == 2) {
    ((int16_t *)sums)[i] = (int16_t)sum;
  } else {
    uint8_t *const b = ((thimble_sum24 *)sums)[i].byte;
    b[0] = (uint8_t)sum;
    b[1] = (uint8_t)((uint32_t)sum >> 8);
    b[2] = (uint8_t)((uint32_t)sum >> 16);
  }
}

#endif
