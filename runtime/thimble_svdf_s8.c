#include "thimble_fixed_point.h"
#include "thimble_svdf.h"

void thimble_svdf_s8(const thimble_svdf_s8_params *p, int32_t begin, int32_t end, const int8_t *memory,
                     int8_t *y) {
  for (int32_t u = begin; u < end; ++u) {
    const int8_t *m = memory + u * p->depth, *w = p->weights + u * p->depth;
    uint32_t sum = p->bias ? (uint32_t)p->bias[u] : 0u;
    for (int32_t k = 0; k < p->depth; ++k) sum += (uint32_t)((m[k] + p->memory_offset) * w[k]);
    const int32_t scaled =
        thimble_add_wrapping(thimble_requantise((int32_t)sum, p->multiplier, p->shift), p->output_offset);
    *y++ = (int8_t)thimble_clamp(scaled, p->minimum, p->maximum);
  }
}
