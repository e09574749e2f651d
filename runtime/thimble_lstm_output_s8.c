#include "thimble_lstm_s8.h"

void thimble_lstm_output_s8(const thimble_lstm_output_params *p, int32_t count, const int16_t *cells,
                            const int16_t *gates, int8_t *output) {
  for (int32_t i = 0; i < count; ++i) output[i] = (int8_t)thimble_lstm_output_one(p, cells[i], gates[i]);
}
