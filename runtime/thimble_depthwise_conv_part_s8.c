/* As of thimble_conv_2d_folded_s8.c. */
#if defined(__ARM_FEATURE_DSP) || defined(__ARM_ARCH_6M__) || defined(__riscv)
#include "thimble_small_stack.h"
#endif

#include "thimble_addends.h"
#include "thimble_tap4_s8.h"
#include "thimble_taps.h"

static uint32_t sum_1(const thimble_conv_part_s8_params *p, const thimble_folded *taps, const int8_t *x, const int8_t *w,
                      uint32_t sum) {
  const int32_t step = p->window.output_channels;
  THIMBLE_FOR_TAPS(taps, &p->window, at, tap,
                   { sum += (uint32_t)((x[at] + p->input_offset) * w[tap * step]); });
  return sum;
}

/* Four neighbouring channels, each of an input channel of its own. */
static void sum_4(const thimble_conv_part_s8_params *p, const thimble_folded *taps, const int8_t *x, const int8_t *w,
                  uint32_t sums[4]) {
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

/* One tap of `count` channels, each of an input channel of its own. */
static void add_tap(const int8_t *x, const int8_t *w, int32_t count, int32_t offset, int32_t *sums) {
  const int32_t *const end = sums + count;
  for (const int32_t *const fours = sums + (count & ~3); sums < fours; sums += 4, x += 4, w += 4) {
    uint32_t sum0 = (uint32_t)sums[0], sum1 = (uint32_t)sums[1], sum2 = (uint32_t)sums[2], sum3 = (uint32_t)sums[3];
    thimble_tap4_s8(x, w, offset, &sum0, &sum1, &sum2, &sum3);
    sums[0] = (int32_t)sum0;
    sums[1] = (int32_t)sum1;
    sums[2] = (int32_t)sum2;
    sums[3] = (int32_t)sum3;
  }
  for (; sums < end; ++sums, ++x, ++w) *sums = (int32_t)((uint32_t)*sums + (uint32_t)((*x + offset) * *w));
}

/* Sums that are stored as they are, tap by tap: the walk over the taps is done once for all channels. */
static void add_up(const thimble_conv_part_s8_params *p, const thimble_folded *taps, const thimble_tile *tile,
                   const thimble_pixel_addends *addends, const int8_t *x, int32_t *sums) {
  const int32_t channel = tile->channel, count = tile->channel_end - channel;
  for (int32_t k = 0; k < count; ++k) sums[k] = (int32_t)thimble_begin_sum(p, addends, channel + k);
  THIMBLE_FOR_TAPS(taps, &p->window, at, tap, {
    add_tap(x + at, p->weights + tap * p->window.output_channels + channel, count, p->input_offset, sums);
  });
}

/* `at`: element of the output at which channel 0 would be. */
static void pixel(const thimble_conv_part_s8_params *p, const thimble_folded *taps, const thimble_tile *tile,
                  const thimble_pixel_addends *addends, const int8_t *x, void *output, int32_t at) {
  int32_t o = tile->channel;
  if (p->multiplier == 1 && !p->scaled) {
    add_up(p, taps, tile, addends, x, (int32_t *)output + at + o);
    return;
  }
  if (p->multiplier == 1) {
    for (; o + 4 <= tile->channel_end; o += 4, x += 4) {
      uint32_t sums[4];
      thimble_begin_sums4(p, addends, o, sums);
      sum_4(p, taps, x, p->weights + o, sums);
      thimble_end_sums4(p, output, at + o, o, sums);
    }
  }
  for (int32_t rest = p->multiplier - o % p->multiplier; o < tile->channel_end; ++o) {
    thimble_end_sum(p, output, at + o, o, sum_1(p, taps, x, p->weights + o, thimble_begin_sum(p, addends, o)));
    if (--rest > 0) continue;
    rest = p->multiplier;
    ++x;
  }
}

void thimble_depthwise_conv_part_s8(const thimble_conv_part_s8_params *p, const thimble_tile *tile,
                                    const int8_t *input, const int32_t *const *sums, void *output) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  const int32_t first_input = tile->channel / p->multiplier % p->input.pixel_step;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  thimble_pixel_addends addends;
  for (int32_t b = 0; b < m->batches; ++b) {
    const int8_t *const x = input + b * p->input.size + first_input;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      thimble_folded_row(&taps, m, &p->input, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line), thimble_folded_next(&taps, m)) {
        thimble_find_addends(p, b, r, c, tile->channel, sums, &addends);
        pixel(p, &taps, tile, &addends, x, output, b * p->output.size + line.at + first_channel);
      }
    }
  }
}
