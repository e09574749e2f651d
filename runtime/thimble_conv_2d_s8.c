/* Where the inner loops are written out (thimble_dsp.h, thimble_v6m.h) or take most registers, all else may
 * as well be small. */
#if defined(__ARM_FEATURE_DSP) || defined(__ARM_ARCH_6M__) || defined(__riscv)
#include "thimble_small_stack.h"
#endif

#include "thimble_conv.h"
#include "thimble_conv_2d_folded_s8.h"
#include "thimble_dot_s8.h"
#include "thimble_mve.h"
#include "thimble_v6m_conv_s8.h"

#ifdef THIMBLE_MVE
void thimble_conv_2d_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile, const int8_t *input,
                        int8_t *output) {
  thimble_conv_2d_folded_s8(p, tile, 0, 0, input, output);
}
#else

/* What the taps of one output pixel have in common: rows of runs. Without column dilation and groups, the
 * taps of a filter row and all their channels are one contiguous run in the input as in the weights. */
typedef struct {
  int32_t rows, row_step_x, row_step_w;
  int32_t size;
  const int8_t *end; /* of the input's memory, after which its rows begin again */
  int32_t runs, run_step_x, run_step_w, run_length;
} patch;

static uint32_t sum_1(const patch *taps, const int8_t *x, const int8_t *w, int32_t offset, uint32_t sum) {
  for (int32_t i = 0; i < taps->rows; ++i, x += taps->row_step_x, w += taps->row_step_w) {
    if (x >= taps->end) x -= taps->size;
    const int8_t *xr = x;
    const int8_t *wr = w;
    for (int32_t j = 0; j < taps->runs; ++j, xr += taps->run_step_x, wr += taps->run_step_w) {
      sum = thimble_dot_s8(xr, wr, taps->run_length, offset, sum);
    }
  }
  return sum;
}

static void sum_4(const patch *taps, const int8_t *x, const int8_t *w, int32_t stride, int32_t offset,
                  uint32_t sums[4]) {
  for (int32_t i = 0; i < taps->rows; ++i, x += taps->row_step_x, w += taps->row_step_w) {
    if (x >= taps->end) x -= taps->size;
    const int8_t *xr = x;
    const int8_t *wr = w;
    for (int32_t j = 0; j < taps->runs; ++j, xr += taps->run_step_x, wr += taps->run_step_w) {
      thimble_dot4_s8(xr, wr, stride, taps->run_length, offset, sums);
    }
  }
}

/* Output channels begin .. end-1 of one pixel; x is the first tap inside the map, w that tap's weight of
 * channel 0. */
static void pixel(const thimble_conv_2d_s8_params *p, const patch *taps, const int8_t *x, const int8_t *w,
                  int32_t begin, int32_t end, int8_t *y) {
  const int32_t stride = p->window.filter_rows * p->window.filter_columns * p->filter_channels;
  int32_t o = begin;
  for (; o + 4 <= end; o += 4) {
    uint32_t sums[4];
    for (int32_t k = 0; k < 4; ++k) sums[k] = (uint32_t)p->bias[o + k];
    sum_4(taps, x, w + o * stride, stride, p->input_offset, sums);
    for (int32_t k = 0; k < 4; ++k) y[o + k] = (int8_t)thimble_scaled(&p->scale, o + k, (int32_t)sums[k]);
  }
  for (; o < end; ++o) {
    const uint32_t sum = sum_1(taps, x, w + o * stride, p->input_offset, (uint32_t)p->bias[o]);
    y[o] = (int8_t)thimble_scaled(&p->scale, o, (int32_t)sum);
  }
}

#ifdef THIMBLE_V6M
static void plain(const thimble_conv_2d_s8_params *p, const thimble_tile *tile, const int8_t *input,
                  int8_t *output);

void thimble_conv_2d_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile, const int8_t *input,
                        int8_t *output) {
  if (thimble_v6m_conv_2d_s8(p, tile, input, output)) return;
  plain(p, tile, input, output);
}

/* Any tile of any map. */
static THIMBLE_V6M_APART void plain(
#else
void thimble_conv_2d_s8(
#endif
    const thimble_conv_2d_s8_params *p, const thimble_tile *tile, const int8_t *input, int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t depth = p->filter_channels;
  const int32_t group_outputs = m->output_channels / (m->input_channels / depth);
  const int32_t contiguous = m->dilation_columns == 1 && depth == m->input_channels;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  patch taps;
  taps.row_step_x = m->dilation_rows * p->input.row_step;
  taps.row_step_w = m->filter_columns * depth;
  taps.run_step_x = m->dilation_columns * p->input.pixel_step;
  taps.run_step_w = depth;
  taps.size = p->input.size;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    taps.end = input + p->input.size;
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      const thimble_taps rows =
          thimble_clip(r * m->stride_rows - m->padding_top, m->dilation_rows, m->filter_rows, m->input_rows);
      const int8_t *const row = input + rows.first * p->input.row_step % p->input.size;
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      taps.rows = rows.end - rows.begin;
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_taps columns = thimble_clip(c * m->stride_columns - m->padding_left,
                                                  m->dilation_columns, m->filter_columns, m->input_columns);
        const int32_t inside = columns.end - columns.begin;
        const int8_t *x = row + columns.first * p->input.pixel_step;
        const int8_t *const w = p->weights + (rows.begin * m->filter_columns + columns.begin) * depth;
        int8_t *const y = output + line.at + first_channel;
        taps.runs = contiguous ? 1 : inside;
        taps.run_length = contiguous ? inside * depth : depth;
        for (int32_t o = 0; o < tile->channel_end; o += group_outputs, x += depth) {
          const int32_t begin = o < tile->channel ? tile->channel : o;
          const int32_t end = o + group_outputs < tile->channel_end ? o + group_outputs : tile->channel_end;
          if (begin < end) pixel(p, &taps, x, w, begin, end, y);
        }
      }
    }
  }
}
#endif
