#include "thimble_float.h"
#include "thimble_svdf.h"

static float feature(const float *x, const float *w, int32_t count) {
  float sum = 0.0f;
  for (int32_t k = 0; k < count; ++k) sum += x[k] * w[k];
  return sum;
}

void thimble_svdf_state_f32(const thimble_svdf_state_f32_params *p, int32_t begin, int32_t end,
                            const float *x, const float *memory, float *next) {
  int32_t filter = begin / p->length, time = begin % p->length;
  for (int32_t i = begin; i < end; ++i) {
    if (++time < p->length) {
      *next++ = memory[i + 1];
    } else {
      *next++ = feature(x, p->weights + filter++ * p->features, p->features);
      time = 0;
    }
  }
}
