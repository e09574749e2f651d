/* Where the inner loops are written out (thimble_dsp.h, thimble_v6m.h) or take most registers, all else may
 * as well be small. */
#if defined(__ARM_FEATURE_DSP) || defined(__ARM_ARCH_6M__) || defined(__riscv)
#include "thimble_small_stack.h"
#endif

#include "thimble_conv.h"
#include "thimble_depthwise_conv_2d_lists_s8.h"
#include "thimble_mve.h"
#include "thimble_tap4_s8.h"
#include "thimble_taps.h"
#include "thimble_v6m_depthwise_s8.h"

static uint32_t sum_1(const thimble_depthwise_conv_2d_s8_params *p, const thimble_folded *taps,
                      const int8_t *x, const int8_t *w, uint32_t sum) {
  const int32_t step = p->window.output_channels;
  THIMBLE_FOR_TAPS(taps, &p->window, at, tap,
                   { sum += (uint32_t)((x[at] + p->input_offset) * w[tap * step]); });
  return sum;
}

/* Four neighbouring channels, each reading its own input channel, share the walk over the taps. */
static void sum_4(const thimble_depthwise_conv_2d_s8_params *p, const thimble_folded *taps, const int8_t *x,
                  const int8_t *w, uint32_t sums[4]) {
  const int32_t step = p->window.output_channels;
  const int32_t offset = p->input_offset;
  uint32_t sum0 = sums[0], sum1 = sums[1], sum2 = sums[2], sum3 = sums[3];
  THIMBLE_FOR_TAPS(taps, &p->window, at, tap,
                   { thimble_tap4_s8(x + at, w + tap * step, offset, &sum0, &sum1, &sum2, &sum3); });
  sums[0] = sum0;
  sums[1] = sum1;
  sums[2] = sum2;
  sums[3] = sum3;
}

static void pixel(const thimble_depthwise_conv_2d_s8_params *p, const thimble_folded *taps,
                  const thimble_tile *tile, const int8_t *x, int8_t *y) {
  int32_t o = tile->channel;
  if (p->multiplier == 1) {
    for (; o + 4 <= tile->channel_end; o += 4, x += 4) {
      uint32_t sums[4];
      for (int32_t k = 0; k < 4; ++k) sums[k] = (uint32_t)p->bias[o + k];
      sum_4(p, taps, x, p->weights + o, sums);
      for (int32_t k = 0; k < 4; ++k) y[o + k] = (int8_t)thimble_scaled(&p->scale, o + k, (int32_t)sums[k]);
    }
  }
  for (int32_t rest = p->multiplier - o % p->multiplier; o < tile->channel_end; ++o) {
    const uint32_t sum = sum_1(p, taps, x, p->weights + o, (uint32_t)p->bias[o]);
    y[o] = (int8_t)thimble_scaled(&p->scale, o, (int32_t)sum);
    if (--rest > 0) continue;
    rest = p->multiplier;
    ++x;
  }
}

#if defined(THIMBLE_V6M) || defined(THIMBLE_MVE)
static void plain(const thimble_depthwise_conv_2d_s8_params *p, const thimble_tile *tile, const int8_t *input,
                  int8_t *output);

void thimble_depthwise_conv_2d_folded_s8(const thimble_depthwise_conv_2d_s8_params *p,
                                         const thimble_tile *tile, const int8_t *input, int8_t *output) {
#ifdef THIMBLE_MVE
  if (thimble_depthwise_has_lists(p)) {
    thimble_depthwise_conv_2d_lists_s8(p, tile, input, output);
    return;
  }
#else
  if (thimble_v6m_depthwise_conv_2d_s8(p, tile, input, output)) return;
#endif
  plain(p, tile, input, output);
}

/* Any tile of any map. */
static THIMBLE_V6M_APART void plain(
#else
void thimble_depthwise_conv_2d_folded_s8(
#endif
    const thimble_depthwise_conv_2d_s8_params *p, const thimble_tile *tile, const int8_t *input,
    int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  const int32_t first_input = tile->channel / p->multiplier % p->input.pixel_step;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      thimble_folded_row(&taps, m, &p->input, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line), thimble_folded_next(&taps, m)) {
        pixel(p, &taps, tile, input + first_input, output + line.at + first_channel);
      }
    }
  }
}
