#include "thimble_average_s8.h"
#include "thimble_loops.h"

typedef struct {
  const int8_t *x, *end; /* first tap; rows begin again at `end` */
  int32_t rows, columns, row_step, pixel_step, size;
} window;

static thimble_columns sum_of_columns(const window *taps, int32_t channel) {
  thimble_columns sums = thimble_no_columns();
  const int8_t *row = taps->x;
  const int32_t length = taps->columns * taps->pixel_step;
  for (int32_t i = 0; i < taps->rows; ++i, row += taps->row_step) {
    if (row >= taps->end) row -= taps->size;
    const int8_t *const last = row + channel + length;
    for (const int8_t *x = row + channel; x != last; x += taps->pixel_step)
      sums = thimble_add_columns(sums, x);
  }
  return sums;
}

static int32_t sum_of(const window *taps, int32_t channel) {
  int32_t sum = 0;
  const int8_t *row = taps->x;
  for (int32_t i = 0; i < taps->rows; ++i, row += taps->row_step) {
    if (row >= taps->end) row -= taps->size;
    const int8_t *x = row + channel;
    for (int32_t j = 0; j < taps->columns; ++j, x += taps->pixel_step) sum = thimble_add_wrapping(sum, *x);
  }
  return sum;
}

static void pool(const window *taps, int32_t channels, int8_t *y) {
  const int32_t count = taps->rows * taps->columns;
  int32_t k = 0;
  if (count <= THIMBLE_MOST_VALUES && channels >= THIMBLE_COLUMNS) {
    const thimble_mean_s8 mean = thimble_mean_of_taps(count);
    for (; k < channels; k += THIMBLE_COLUMNS) {
      k = thimble_least(k, channels - THIMBLE_COLUMNS); /* the last ones may have been made before */
      thimble_store_means(&mean, sum_of_columns(taps, k), y + k);
    }
  }
  for (; k < channels; ++k) y[k] = (int8_t)thimble_rounded_mean(sum_of(taps, k), count);
}

void thimble_average_pool_2d_s8(const thimble_pool_params *p, const thimble_tile *tile, const int8_t *input,
                                int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t channels = tile->channel_end - tile->channel;
  window taps;
  taps.row_step = p->input.row_step;
  taps.pixel_step = p->input.pixel_step;
  taps.size = p->input.size;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      const thimble_taps rows =
          thimble_clip(r * m->stride_rows - m->padding_top, 1, m->filter_rows, m->input_rows);
      const int8_t *const row =
          input + rows.first * p->input.row_step % p->input.size + tile->channel % p->input.pixel_step;
      taps.end = input + p->input.size;
      taps.rows = rows.end - rows.begin;
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
        const thimble_taps columns =
            thimble_clip(c * m->stride_columns - m->padding_left, 1, m->filter_columns, m->input_columns);
        int8_t *const y = output + line.at + tile->channel % p->output.pixel_step;
        taps.x = row + columns.first * p->input.pixel_step;
        taps.columns = columns.end - columns.begin;
        pool(&taps, channels, y);
        thimble_clamp_s8(channels, p->minimum, p->maximum, y);
      }
    }
  }
}
