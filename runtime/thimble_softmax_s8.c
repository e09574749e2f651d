#include "thimble_reciprocal.h"
#include "thimble_softmax.h"

void thimble_softmax_s8(const thimble_softmax_s8_params *p, int32_t begin, int32_t end, const int8_t *input,
                        int8_t *output) {
  int32_t largest = -128;
  for (int32_t i = 0; i < p->depth; ++i) largest = input[i] > largest ? input[i] : largest;
  uint32_t sum = 0;
  for (int32_t i = 0; i < p->depth; ++i) {
    const int32_t difference = largest - input[i];
    if (difference < p->entries)
      sum += (uint32_t)thimble_rounding_shift_right(p->exponentials[difference], 12);
  }
  const thimble_reciprocal reciprocal = thimble_reciprocal_of(sum);
  for (int32_t i = begin; i < end; ++i) {
    const int32_t difference = largest - input[i];
    int32_t share = 0;
    if (difference < p->entries) share = thimble_softmax_share(reciprocal, p->exponentials[difference], 8);
    output[i - begin] = (int8_t)thimble_clamp(share + INT8_MIN, INT8_MIN, INT8_MAX);
  }
}
