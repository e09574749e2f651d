#include "thimble_mean.h"

static int32_t sum_of(const thimble_reduction *m, const int16_t *input) {
  int32_t sum = 0;
  for (int32_t i = 0; i < m->reduced_extent[0]; ++i) {
    const int16_t *xi = input + i * m->reduced_stride[0];
    for (int32_t j = 0; j < m->reduced_extent[1]; ++j) {
      const int16_t *x = xi + j * m->reduced_stride[1];
      for (int32_t k = 0; k < m->reduced_extent[2]; ++k, x += m->reduced_stride[2])
        sum = thimble_add_wrapping(sum, *x);
    }
  }
  return sum;
}

void thimble_mean_s16(const thimble_mean_params *p, const int16_t *input, int16_t *output) {
  const thimble_reduction *const m = &p->reduction;
  for (int32_t i = 0; i < m->kept_extent[0]; ++i) {
    for (int32_t j = 0; j < m->kept_extent[1]; ++j) {
      const int16_t *x = input + i * m->kept_stride[0] + j * m->kept_stride[1];
      for (int32_t k = 0; k < m->kept_extent[2]; ++k, x += m->kept_stride[2]) {
        *output++ = (int16_t)thimble_mean_finish(p, sum_of(m, x));
      }
    }
  }
}
