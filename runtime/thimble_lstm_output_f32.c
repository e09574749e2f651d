#include "thimble_float.h"
#include "thimble_lstm.h"

void thimble_lstm_output_f32(int32_t count, const float *cells, const float *gates, float *output) {
  for (int32_t i = 0; i < count; ++i) output[i] = thimble_tanh_f32(cells[i]) * gates[i];
}
