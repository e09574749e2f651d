/* Where the inner loops are written out (thimble_v6m.h) or take most registers, all else may as well be
 * small. */
#if defined(__ARM_ARCH_6M__) || defined(__riscv)
#include "thimble_small_stack.h"
#endif

#include "thimble_conv.h"
#include "thimble_depthwise_conv_2d_folded_s8.h"
#include "thimble_mve.h"
#include "thimble_tap4_s8.h"
#include "thimble_v6m_depthwise_s8.h"

#ifdef THIMBLE_MVE
void thimble_depthwise_conv_2d_s8(const thimble_depthwise_conv_2d_s8_params *p, const thimble_tile *tile,
                                  const int8_t *input, int8_t *output) {
  thimble_depthwise_conv_2d_folded_s8(p, tile, input, output);
}
#else

/* What the taps of the pixels of one output row have in common. */
typedef struct {
  int32_t rows, row_step_x, row_step_w;
  int32_t step_x, step_w;
  int32_t size;
  const int8_t *end; /* of the input's memory, after which its rows begin again */
} patch;

/* One output channel of one pixel: x and w are its first tap inside the map. */
static uint32_t sum_1(const patch *taps, const int8_t *x, const int8_t *w, int32_t columns, int32_t offset,
                      uint32_t sum) {
  const int32_t step_x = taps->step_x, step_w = taps->step_w;
  for (int32_t i = 0; i < taps->rows; ++i, x += taps->row_step_x, w += taps->row_step_w) {
    if (x >= taps->end) x -= taps->size;
    const int8_t *xt = x;
    const int8_t *wt = w;
    for (int32_t j = 0; j < columns; ++j, xt += step_x, wt += step_w) {
      sum += (uint32_t)((*xt + offset) * *wt);
    }
  }
  return sum;
}

/* Four neighbouring channels, each reading its own input channel, share the walk over the taps. */
static void sum_4(const patch *taps, const int8_t *x, const int8_t *w, int32_t columns, int32_t offset,
                  uint32_t sums[4]) {
  const int32_t step_x = taps->step_x, step_w = taps->step_w;
  uint32_t sum0 = sums[0], sum1 = sums[1], sum2 = sums[2], sum3 = sums[3];
  for (int32_t i = 0; i < taps->rows; ++i, x += taps->row_step_x, w += taps->row_step_w) {
    if (x >= taps->end) x -= taps->size;
    const int8_t *xt = x;
    const int8_t *wt = w;
    for (int32_t j = 0; j < columns; ++j, xt += step_x, wt += step_w) {
      thimble_tap4_s8(xt, wt, offset, &sum0, &sum1, &sum2, &sum3);
    }
  }
  sums[0] = sum0;
  sums[1] = sum1;
  sums[2] = sum2;
  sums[3] = sum3;
}

/* Output channels begin .. end - 1 of one pixel; x is the first tap of channel begin's input channel. */
static void pixel(const thimble_depthwise_conv_2d_s8_params *p, const patch *taps, const int8_t *x,
                  const int8_t *w, int32_t columns, int32_t begin, int32_t end, int8_t *y) {
  const int32_t multiplier = p->multiplier;
  int32_t o = begin;
  if (multiplier == 1) {
    for (; o + 4 <= end; o += 4, x += 4) {
      uint32_t sums[4];
      for (int32_t k = 0; k < 4; ++k) sums[k] = (uint32_t)p->bias[o + k];
      sum_4(taps, x, w + o, columns, p->input_offset, sums);
      for (int32_t k = 0; k < 4; ++k) y[o + k] = (int8_t)thimble_scaled(&p->scale, o + k, (int32_t)sums[k]);
    }
  }
  for (int32_t rest = multiplier - o % multiplier; o < end; ++x, rest = multiplier) {
    for (; o < end && rest > 0; ++o, --rest) {
      const uint32_t sum = sum_1(taps, x, w + o, columns, p->input_offset, (uint32_t)p->bias[o]);
      y[o] = (int8_t)thimble_scaled(&p->scale, o, (int32_t)sum);
    }
  }
}

#ifdef THIMBLE_V6M
static void plain(const thimble_depthwise_conv_2d_s8_params *p, const thimble_tile *tile, const int8_t *input,
                  int8_t *output);

void thimble_depthwise_conv_2d_s8(const thimble_depthwise_conv_2d_s8_params *p, const thimble_tile *tile,
                                  const int8_t *input, int8_t *output) {
  if (thimble_v6m_depthwise_conv_2d_s8(p, tile, input, output)) return;
  plain(p, tile, input, output);
}

/* Any tile of any map. */
static THIMBLE_V6M_APART void plain(
#else
void thimble_depthwise_conv_2d_s8(
#endif
    const thimble_depthwise_conv_2d_s8_params *p, const thimble_tile *tile, const int8_t *input,
    int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  const int32_t first_input = tile->channel / p->multiplier % p->input.pixel_step;
  patch taps;
  taps.row_step_x = m->dilation_rows * p->input.row_step;
  taps.row_step_w = m->filter_columns * m->output_channels;
  taps.step_x = m->dilation_columns * p->input.pixel_step;
  taps.step_w = m->output_channels;
  taps.size = p->input.size;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    taps.end = input + p->input.size;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      const thimble_taps rows =
          thimble_clip(r * m->stride_rows - m->padding_top, m->dilation_rows, m->filter_rows, m->input_rows);
      const int8_t *const row = input + rows.first * p->input.row_step % p->input.size + first_input;
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      taps.rows = rows.end - rows.begin;
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_taps columns = thimble_clip(c * m->stride_columns - m->padding_left,
                                                  m->dilation_columns, m->filter_columns, m->input_columns);
        const int8_t *const w =
            p->weights + (rows.begin * m->filter_columns + columns.begin) * m->output_channels;
        pixel(p, &taps, row + columns.first * p->input.pixel_step, w, columns.end - columns.begin,
              tile->channel, tile->channel_end, output + line.at + first_channel);
      }
    }
  }
}
#endif
