#include "thimble_small_stack.h"

#include "thimble_float.h"
#include "thimble_pool.h"
#include "thimble_taps.h"

void thimble_max_pool_2d_folded_f32(const thimble_pool_f32_params *p, const thimble_tile *tile,
                                    const float *input, float *output) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      thimble_folded_row(&taps, m, &p->input, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line), thimble_folded_next(&taps, m)) {
        for (int32_t o = tile->channel; o < tile->channel_end; ++o) {
          const float *const x = input + o % p->input.pixel_step;
          float value = -FLT_MAX;
          THIMBLE_FOR_TAPS(&taps, m, at, tap, {
            (void)tap;
            value = x[at] > value ? x[at] : value;
          });
          output[line.at + first_channel + o] = thimble_clamp_f32(value, p->minimum, p->maximum);
        }
      }
    }
  }
}
