/* Arithmetic of loop bounds. */
#ifndef THIMBLE_LOOPS_H
#define THIMBLE_LOOPS_H

#include <stdint.h>

static inline int32_t thimble_least(int32_t a, int32_t b) {
  return a < b ? a : b;
}

static inline int32_t thimble_most(int32_t a, int32_t b) {
  return a > b ? a : b;
}

/* a / b rounded down; b > 0. */
static inline int32_t thimble_floor_div(int32_t a, int32_t b) {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

#endif
