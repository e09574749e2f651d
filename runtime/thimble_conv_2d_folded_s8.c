/* Where the inner loops are written out (thimble_dsp.h, thimble_v6m.h) or take most registers, all else may
 * as well be small. */
#if defined(__ARM_FEATURE_DSP) || defined(__ARM_ARCH_6M__) || defined(__riscv)
#include "thimble_small_stack.h"
#endif

#include "thimble_conv.h"
#include "thimble_mve_conv_any_s8.h"
#include "thimble_sums.h"
#include "thimble_taps.h"
#include "thimble_v6m_conv_s8.h"

#ifdef THIMBLE_MVE
void thimble_conv_2d_folded_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                               const thimble_part *part, void *sums, const int8_t *input, int8_t *output) {
  thimble_mve_conv_2d_any_s8(p, tile, part, sums, input, output);
}
#else

#include "thimble_runs_s8.h"

#ifdef THIMBLE_V6M
static void plain(const thimble_conv_2d_s8_params *p, const thimble_tile *tile, const thimble_part *part,
                  void *sums, const int8_t *input, int8_t *output);

void thimble_conv_2d_folded_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                               const thimble_part *part, void *sums, const int8_t *input, int8_t *output) {
  if (part == 0 && thimble_v6m_conv_2d_s8(p, tile, input, output)) return;
  plain(p, tile, part, sums, input, output);
}

/* Any tile of any map. */
static THIMBLE_V6M_APART void plain(
#else
void thimble_conv_2d_folded_s8(
#endif
    const thimble_conv_2d_s8_params *p, const thimble_tile *tile, const thimble_part *part, void *sums,
    const int8_t *input, int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t depth = p->filter_channels;
  const int32_t group_outputs = m->output_channels / (m->input_channels / depth);
  const int32_t stride = m->filter_rows * m->filter_columns * depth;
  const int32_t k = part == 0 ? 0 : part->begin;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  thimble_runs g;
  g.offset = p->input_offset;
  g.fifo = p->input.columns == 0;
  g.length = part == 0 ? depth : part->end - part->begin;
  g.neighbours = m->dilation_columns == 1 && depth == p->input.pixel_step && g.length == depth;
  g.depth = depth;
  g.row_w = m->filter_columns * depth;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      thimble_folded_row(&taps, m, &p->input, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line), thimble_folded_next(&taps, m)) {
        const int32_t partial = part == 0 ? 0 : b * part->map.size + thimble_line_at(&part->map, r, c).at;
        int8_t *const y = output + line.at + first_channel;
        for (int32_t o = tile->channel; o < tile->channel_end;) {
          const int32_t left = (o / group_outputs + 1) * group_outputs;
          const int32_t end = left < tile->channel_end ? left : tile->channel_end;
          const int32_t together = o + 4 <= end ? 4 : 1;
          uint32_t s[4];
          for (int32_t i = 0; i < together; ++i) {
            s[i] = (uint32_t)(part == 0 || part->first
                                  ? p->bias[o + i]
                                  : thimble_sum_at(sums, part->sum_bytes,
                                                   partial + (o + i) % part->map.pixel_step));
          }
          g.x = input + (o / group_outputs * depth + k) % p->input.pixel_step;
          thimble_add_runs(&g, &taps, p->weights + o * stride + k, together == 4 ? stride : 0, s);
          for (int32_t i = 0; i < together; ++i, ++o) {
            if (part == 0 || part->last) {
              y[o] = (int8_t)thimble_scaled(&p->scale, o, (int32_t)s[i]);
            } else {
              thimble_set_sum(sums, part->sum_bytes, partial + o % part->map.pixel_step, (int32_t)s[i]);
            }
          }
        }
      }
    }
  }
}
#endif
