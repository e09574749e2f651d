#include "thimble_float.h"
#include "thimble_softmax.h"

void thimble_softmax_f32(const thimble_softmax_f32_params *p, int32_t begin, int32_t end, const float *input,
                         float *output) {
  float largest = -FLT_MAX;
  for (int32_t i = 0; i < p->depth; ++i) largest = largest < input[i] ? input[i] : largest;
  float sum = 0.0f;
  for (int32_t i = 0; i < p->depth; ++i) {
    const float share = thimble_exp_f32((input[i] - largest) * p->beta);
    sum += share;
    if (i >= begin && i < end) output[i - begin] = share;
  }
  for (int32_t i = begin; i < end; ++i) output[i - begin] = output[i - begin] / sum;
}
