/* The clamp of outputs. */
#ifndef THIMBLE_LIMITS_S8_H
#define THIMBLE_LIMITS_S8_H

#include <stdint.h>

/* -128 and 127 where there is no narrower one than that of the type. */
typedef struct {
  int8_t minimum, maximum;
} thimble_limits_s8;

#endif
