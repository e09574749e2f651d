#include "thimble_small_stack.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-sra") /* taken apart, the walk over the taps takes more of the stack */
#endif

#include "thimble_conv.h"
#include "thimble_float.h"
#include "thimble_taps.h"

static float dot(const float *x, const float *w, int32_t count, float sum) {
  for (int32_t i = 0; i < count; ++i) sum += x[i] * w[i];
  return sum;
}

void thimble_conv_2d_folded_f32(const thimble_conv_2d_f32_params *p, const thimble_tile *tile,
                                const thimble_part *part, float *sums, const float *input, float *output) {
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
        float *const partial =
            part == 0 ? 0 : sums + b * part->map.size + thimble_line_at(&part->map, r, c).at;
        for (int32_t o = tile->channel; o < tile->channel_end; ++o) {
          const float *const x = input + (o / group_outputs * depth + k) % p->input.pixel_step;
          float sum = 0.0f;
          if (part != 0 && !part->first) sum = partial[o % part->map.pixel_step];
          THIMBLE_FOR_TAPS(&taps, m, at, tap,
                           { sum = dot(x + at, p->weights + o * stride + tap * depth + k, count, sum); });
          if (part == 0 || part->last) {
            output[line.at + first_channel + o] = thimble_clamp_f32(sum + p->bias[o], p->minimum, p->maximum);
          } else {
            partial[o % part->map.pixel_step] = sum;
          }
        }
      }
    }
  }
}
