#include "thimble_float.h"
#include "thimble_softmax.h"

void thimble_softmax_f32(const thimble_softmax_f32_params *p, const float *input, float *output) {
  for (int32_t r = 0; r < p->rows; ++r, input += p->depth, output += p->depth) {
    float largest = -FLT_MAX;
    for (int32_t i = 0; i < p->depth; ++i) largest = largest < input[i] ? input[i] : largest;
    float sum = 0.0f;
    for (int32_t i = 0; i < p->depth; ++i) {
      output[i] = thimble_exp_f32((input[i] - largest) * p->beta);
      sum += output[i];
    }
    for (int32_t i = 0; i < p->depth; ++i) output[i] = output[i] / sum;
  }
}
