#include "thimble_movement.h"

void thimble_resize_nearest_neighbor(const thimble_resize_params *p, const void *input, void *output) {
  const uint8_t *from = (const uint8_t *)input;
  uint8_t *to = (uint8_t *)output;
  const int32_t row_bytes = p->input_columns * p->pixel_bytes;
  for (int32_t b = 0; b < p->batches; ++b, from += p->input_rows * row_bytes) {
    for (int32_t r = 0; r < p->output_rows; ++r) {
      const uint8_t *const row = from + p->row_of[r] * row_bytes;
      for (int32_t c = 0; c < p->output_columns; ++c, to += p->pixel_bytes) {
        const uint8_t *const pixel = row + p->column_of[c] * p->pixel_bytes;
        for (int32_t i = 0; i < p->pixel_bytes; ++i) to[i] = pixel[i];
      }
    }
  }
}
