#include "thimble_small_stack.h"

#include "thimble_conv.h"
#include "thimble_taps.h"

void thimble_depthwise_conv_2d_folded_s16(const thimble_depthwise_conv_2d_s16_params *p,
                                          const thimble_tile *tile, const int16_t *input, int16_t *output) {
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
          const int16_t *const x = input + o / p->multiplier % p->input.pixel_step;
          uint64_t sum = 0;
          THIMBLE_FOR_TAPS(&taps, m, at, tap,
                           { sum += (uint64_t)((int64_t)x[at] * p->weights[tap * m->output_channels + o]); });
          output[line.at + first_channel + o] =
              (int16_t)thimble_scaled_wide(&p->scale, o, sum + (uint64_t)p->bias[o], p->narrow);
        }
      }
    }
  }
}
