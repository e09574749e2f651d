#include "sample.h"

__attribute__((aligned(16))) uint8_t sample_arena[SAMPLE_ARENA_BYTES];
