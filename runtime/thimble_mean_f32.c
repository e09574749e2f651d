#include "thimble_float.h"
#include "thimble_mean.h"

static float sum_of(const thimble_reduction *m, const float *input) {
  float sum = 0;
  for (int32_t i = 0; i < m->reduced_extent[0]; ++i) {
    const float *xi = input + i * m->reduced_stride[0];
    for (int32_t j = 0; j < m->reduced_extent[1]; ++j) {
      const float *x = xi + j * m->reduced_stride[1];
      for (int32_t k = 0; k < m->reduced_extent[2]; ++k, x += m->reduced_stride[2]) sum += *x;
    }
  }
  return sum;
}

void thimble_mean_f32(const thimble_mean_f32_params *p, const float *input, float *output) {
  const thimble_reduction *const m = &p->reduction;
  for (int32_t i = 0; i < m->kept_extent[0]; ++i) {
    for (int32_t j = 0; j < m->kept_extent[1]; ++j) {
      const float *x = input + i * m->kept_stride[0] + j * m->kept_stride[1];
      for (int32_t k = 0; k < m->kept_extent[2]; ++k, x += m->kept_stride[2]) {
        *output++ = sum_of(m, x) / p->count;
      }
    }
  }
}
