#include "thimble_float.h"
#include "thimble_svdf.h"

void thimble_svdf_f32(const thimble_svdf_f32_params *p, int32_t begin, int32_t end, const float *memory,
                      float *y) {
  const int32_t depth = p->rank * p->length;
  const float *m = memory + begin * depth, *w = p->weights + begin * depth;
  for (int32_t u = begin; u < end; ++u) {
    float sum = p->bias ? p->bias[u] : 0.0f;
    for (int32_t f = 0; f < p->rank; ++f) {
      float of_filter = 0.0f;
      for (int32_t k = 0; k < p->length; ++k) of_filter += *m++ * *w++;
      sum += of_filter;
    }
    *y++ = thimble_clamp_f32(sum, p->minimum, p->maximum);
  }
}
