/* As of thimble_conv_2d_folded_s8.c. */
#if defined(__ARM_FEATURE_DSP) || defined(__ARM_ARCH_6M__) || defined(__riscv)
#include "thimble_small_stack.h"
#endif

#include "thimble_addends.h"
#include "thimble_runs_s8.h"

void thimble_conv_part_s8(const thimble_conv_part_s8_params *p, const thimble_tile *tile, const int8_t *input,
                          const int32_t *const *sums, void *output) {
  const thimble_window *const m = &p->window;
  const int32_t depth = m->input_channels;
  const int32_t stride = m->filter_rows * m->filter_columns * depth;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  thimble_pixel_addends addends;
  thimble_runs g;
  g.offset = p->input_offset;
  g.fifo = p->input.columns == 0;
  g.length = depth;
  g.neighbours = m->dilation_columns == 1 && depth == p->input.pixel_step;
  g.depth = depth;
  g.row_w = m->filter_columns * depth;
  for (int32_t b = 0; b < m->batches; ++b) {
    g.x = input + b * p->input.size;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      thimble_folded_row(&taps, m, &p->input, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line), thimble_folded_next(&taps, m)) {
        thimble_find_addends(p, b, r, c, tile->channel, sums, &addends);
        const int32_t at = b * p->output.size + line.at + first_channel;
        for (int32_t o = tile->channel; o < tile->channel_end;) {
          const int8_t *const w = p->weights + o * stride;
          uint32_t s[4];
          if (o + 4 <= tile->channel_end) {
            thimble_begin_sums4(p, &addends, o, s);
            thimble_add_runs(&g, &taps, w, stride, s);
            thimble_end_sums4(p, output, at + o, o, s);
            o += 4;
          } else {
            s[0] = thimble_begin_sum(p, &addends, o);
            thimble_add_runs(&g, &taps, w, 0, s);
            thimble_end_sum(p, output, at + o, o, s[0]);
            ++o;
          }
        }
      }
    }
  }
}
