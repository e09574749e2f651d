#include "thimble_small_stack.h"

#include "thimble_conv.h"
#include "thimble_taps.h"

static uint64_t dot(const int16_t *x, const int8_t *w, int32_t count, uint64_t sum) {
  for (int32_t i = 0; i < count; ++i) sum += (uint64_t)((int64_t)x[i] * w[i]);
  return sum;
}

void thimble_conv_2d_folded_s16(const thimble_conv_2d_s16_params *p, const thimble_tile *tile,
                                const thimble_part *part, int64_t *sums, const int16_t *input,
                                int16_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t depth = p->filter_channels;
  const int32_t group_outputs = m->output_channels / (m->input_channels / depth);
  const int32_t stride = m->filter_rows * m->filter_columns * depth;
  const int32_t k = part == 0 ? 0 : part->begin;
  const int32_t count = part == 0 ? depth : part->end - part->begin;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      thimble_folded_row(&taps, m, &p->input, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line), thimble_folded_next(&taps, m)) {
        int64_t *const partial =
            part == 0 ? 0 : sums + b * part->map.size + thimble_line_at(&part->map, r, c).at;
        for (int32_t o = tile->channel; o < tile->channel_end; ++o) {
          const int16_t *const x = input + (o / group_outputs * depth + k) % p->input.pixel_step;
          uint64_t sum = (uint64_t)p->bias[o];
          if (part != 0 && !part->first) sum = (uint64_t)partial[o % part->map.pixel_step];
          THIMBLE_FOR_TAPS(&taps, m, at, tap,
                           { sum = dot(x + at, p->weights + o * stride + tap * depth + k, count, sum); });
          if (part == 0 || part->last) {
            output[line.at + first_channel + o] = (int16_t)thimble_scaled_wide(&p->scale, o, sum, p->narrow);
          } else {
            partial[o % part->map.pixel_step] = (int64_t)sum;
          }
        }
      }
    }
  }
}
