#include "thimble_svdf_state.h"

void thimble_svdf_state_s16(const thimble_svdf_state_params *p, int32_t begin, int32_t end, const int8_t *x,
                            const int16_t *memory, int16_t *next) {
  int32_t filter = begin / p->length, time = begin % p->length;
  for (int32_t i = begin; i < end; ++i) {
    if (++time < p->length) {
      *next++ = memory[i + 1];
    } else {
      *next++ =
          (int16_t)(thimble_clamp(thimble_svdf_feature(p, filter++, x), -32768, 32767) + p->output_offset);
      time = 0;
    }
  }
}
