#include "thimble_fully_connected.h"

void thimble_fully_connected_computed_f32(const thimble_fully_connected_f32_params *p, int32_t rows, int32_t output,
                                          int32_t output_end, const float *x, const float *weights, float *y) {
  thimble_fully_connected_f32_params with = *p;
  with.weights = weights;
  thimble_fully_connected_f32(&with, rows, output, output_end, x, y);
}
