/* Where the inner loops are written out (thimble_dsp.h, thimble_v6m.h), all else may as well be small. */
#if defined(__ARM_FEATURE_DSP) || defined(__ARM_ARCH_6M__)
#include "thimble_small_stack.h"
#endif

#include "thimble_conv.h"
#include "thimble_dot_s8.h"
#include "thimble_sums.h"
#include "thimble_taps.h"
#include "thimble_v6m.h"
#include "thimble_v6m_window.h"

/* What the taps of all pixels have in common: filter rows are cut into runs of elements that follow each
 * other in the input as in the weights. One run is a whole filter row where its taps are neighbours. */
typedef struct {
  int32_t offset;
  int32_t fifo;         /* memory wraps at its end, not at the end of each row */
  int32_t neighbours;   /* the taps of a filter row are one run */
  int32_t length;       /* of a tap's run */
  int32_t depth, row_w; /* weights from tap to tap, from filter row to filter row */
} runs;

/* Adds one run to the sums of one output channel, or of four that are `stride` weights apart. */
static void add_run(const runs *g, const int8_t *x, const int8_t *w, int32_t stride, int32_t length,
                    uint32_t sums[4]) {
  if (stride != 0) {
    thimble_dot4_s8(x, w, stride, length, g->offset, sums);
  } else {
    sums[0] = thimble_dot_s8(x, w, length, g->offset, sums[0]);
  }
}

static void add_taps(const runs *g, const thimble_folded *taps, const int8_t *x, const int8_t *w,
                     int32_t stride, uint32_t sums[4]) {
  const int32_t inside = taps->columns.end - taps->columns.begin;
  const int32_t count = g->neighbours ? 1 : inside;
  const int32_t length = g->neighbours ? inside * g->depth : g->length;
  int32_t row = taps->row;
  w += taps->rows.begin * g->row_w + taps->columns.begin * g->depth;
  for (int32_t i = taps->rows.begin; i < taps->rows.end; ++i, w += g->row_w) {
    int32_t column = taps->column;
    for (int32_t j = 0; j < count; ++j) {
      const int32_t at = thimble_wrap(row + column, taps->size);
      const int32_t room = g->fifo ? taps->size - at : taps->circle - column;
      const int32_t straight = length < room ? length : room;
      add_run(g, x + at, w + j * g->depth, stride, straight, sums);
      if (straight < length) {
        add_run(g, x + at + room - taps->circle, w + j * g->depth + room, stride, length - room, sums);
      }
      column = thimble_wrap(column + taps->column_step, taps->circle);
    }
    row = thimble_wrap(row + taps->row_step, taps->size);
  }
}

/* Output channels o .. end - 1 of one pixel; the sum of channel o is number partial + o. */
static void pixel(const thimble_conv_2d_s8_params *p, const runs *g, const thimble_folded *taps,
                  const thimble_part *part, void *sums, int32_t partial, const int8_t *input, int32_t o,
                  int32_t end, int8_t *y) {
  const int32_t group_outputs = p->window.output_channels / (p->window.input_channels / g->depth);
  const int32_t stride = p->window.filter_rows * g->row_w;
  const int32_t k = part == 0 ? 0 : part->begin;
  int32_t group = o / group_outputs;
  while (o < end) {
    const int8_t *const x = input + (group * g->depth + k) % p->input.pixel_step;
    const int32_t group_end = ++group * group_outputs;
    const int32_t last = group_end < end ? group_end : end;
    while (o < last) {
      const int32_t together = o + 4 <= last ? 4 : 1;
      uint32_t s[4];
      for (int32_t i = 0; i < together; ++i) {
        s[i] = (uint32_t)(part == 0 || part->first ? p->bias[o + i]
                                                   : thimble_sum_at(sums, part->sum_bytes, partial + o + i));
      }
      add_taps(g, taps, x, p->weights + o * stride + k, together == 4 ? stride : 0, s);
      for (int32_t i = 0; i < together; ++i, ++o) {
        if (part == 0 || part->last) {
          y[o] = (int8_t)thimble_scaled(&p->scale, o, (int32_t)s[i]);
        } else {
          thimble_set_sum(sums, part->sum_bytes, partial + o, (int32_t)s[i]);
        }
      }
    }
  }
}

/* Any tile of any map. */
static THIMBLE_V6M_APART void plain(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                                    const thimble_part *part, void *sums, const int8_t *input,
                                    int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t depth = p->filter_channels;
  const thimble_map *const partial_map = part == 0 ? &p->output : &part->map;
  const int32_t first_channel = tile->channel % p->output.pixel_step - tile->channel;
  const int32_t first_sum = tile->channel % partial_map->pixel_step - tile->channel;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  runs g;
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
        const int32_t partial =
            part == 0 ? 0 : b * partial_map->size + thimble_line_at(partial_map, r, c).at + first_sum;
        int8_t *const y = output + line.at + first_channel;
        pixel(p, &g, &taps, part, sums, partial, input, tile->channel, tile->channel_end, y);
      }
    }
  }
}

#ifdef THIMBLE_V6M
/* Whether it was made by fours. */
static THIMBLE_V6M_APART int32_t by_fours(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                                          const int8_t *input, int8_t *output) {
  const thimble_window *const m = &p->window;
  thimble_v6m_job job;
  if (p->filter_channels != m->input_channels || p->input.pixel_step != m->input_channels ||
      !thimble_v6m_takes(m, &p->input))
    return 0;
  job.x = input;
  job.y = output;
  job.w = p->weights;
  job.bias = p->bias;
  job.scale = &p->scale;
  job.offset = p->input_offset;
  job.step_x = 0;
  thimble_v6m_window(&job, m, &p->input, &p->output, tile);
  return 1;
}
#endif

void thimble_conv_2d_folded_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                               const thimble_part *part, void *sums, const int8_t *input, int8_t *output) {
#ifdef THIMBLE_V6M
  if (part == 0 && by_fours(p, tile, input, output)) return;
#endif
  plain(p, tile, part, sums, input, output);
}
