#include "thimble_average_s8.h"
#include "thimble_loops.h"
#include "thimble_taps.h"

static thimble_columns sum_of_columns(const thimble_folded *taps, const thimble_window *m, const int8_t *x) {
  thimble_columns sums = thimble_no_columns();
  THIMBLE_FOR_TAPS(taps, m, at, tap, {
    (void)tap;
    sums = thimble_add_columns(sums, x + at);
  });
  return sums;
}

static int32_t sum_of(const thimble_folded *taps, const thimble_window *m, const int8_t *x) {
  int32_t sum = 0;
  THIMBLE_FOR_TAPS(taps, m, at, tap, {
    (void)tap;
    sum = thimble_add_wrapping(sum, x[at]);
  });
  return sum;
}

/* One pixel, of channels from that of `x` on. */
static void pool(const thimble_folded *taps, const thimble_window *m, const int8_t *x, int32_t channels,
                 int8_t *y) {
  const int32_t count = (taps->rows.end - taps->rows.begin) * (taps->columns.end - taps->columns.begin);
  int32_t k = 0;
  if (count <= THIMBLE_MOST_VALUES && channels >= THIMBLE_COLUMNS) {
    const thimble_mean_s8 mean = thimble_mean_of_taps(count);
    for (; k < channels; k += THIMBLE_COLUMNS) {
      k = thimble_least(k, channels - THIMBLE_COLUMNS); /* the last ones may have been made before */
      thimble_store_means(&mean, sum_of_columns(taps, m, x + k), y + k);
    }
  }
  for (; k < channels; ++k) y[k] = (int8_t)thimble_rounded_mean(sum_of(taps, m, x + k), count);
}

void thimble_average_pool_2d_folded_s8(const thimble_pool_params *p, const thimble_tile *tile,
                                       const int8_t *input, int8_t *output) {
  const thimble_window *const m = &p->window;
  const int32_t channels = tile->channel_end - tile->channel;
  thimble_folded taps = thimble_folded_begin(m, &p->input);
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      thimble_line line = thimble_line_at(&p->output, r, tile->column);
      thimble_folded_row(&taps, m, &p->input, r, tile->column);
      for (int32_t c = tile->column; c < tile->column_end;
           ++c, thimble_line_next(&line), thimble_folded_next(&taps, m)) {
        int8_t *const y = output + line.at + tile->channel % p->output.pixel_step;
        pool(&taps, m, input + tile->channel % p->input.pixel_step, channels, y);
        thimble_clamp_s8(channels, p->minimum, p->maximum, y);
      }
    }
  }
}
