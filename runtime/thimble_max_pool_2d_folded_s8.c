#include "thimble_clamp_s8.h"
#include "thimble_largest_s8.h"
#include "thimble_pool.h"
#include "thimble_taps.h"

void thimble_max_pool_2d_folded_s8(const thimble_pool_params *p, const thimble_tile *tile,
                                   const int8_t *input, int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t channels = tile->channel_end - tile->channel;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      const int8_t *const x = input + tile->channel % p->input.pixel_step;
      int8_t *const row = output + tile->channel % p->output.pixel_step;
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      thimble_folded_row(&taps, m, &p->input, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line), thimble_folded_next(&taps, m)) {
        int8_t *const y = row + line.at;
        const int8_t *largest = 0;
        THIMBLE_FOR_TAPS(&taps, m, at, tap, {
          (void)tap;
          thimble_larger_s8(channels, x + at, largest ? largest : x + at, y);
          largest = y;
        });
        thimble_clamp_s8(channels, p->minimum, p->maximum, y);
      }
    }
  }
}
