#include "thimble_v6m_window.h"

#include "thimble_small_stack.h"

#ifdef THIMBLE_V6M

/* Elements from one filter row to the next, of the weights and of the input. */
static int32_t weights_row(const thimble_v6m_job *job, const thimble_window *m) {
  return m->filter_columns * (job->step_x == 0 ? m->input_channels : m->output_channels);
}

static int32_t input_row(const thimble_window *m, const thimble_map *map) {
  int32_t step = m->dilation_rows * map->row_step;
  while (step >= map->size) step -= map->size;
  return step;
}

/* The sum of one channel, `job->channel`, of the pixel that the job was for. */
static THIMBLE_V6M_APART int32_t sum_1(const thimble_v6m_job *job) {
  const int32_t o = job->channel;
  const int32_t own = job->step_x != 0;
  const int32_t length = own ? job->length : -job->length;
  const int32_t step_x = own ? job->step_x : 1, step_w = own ? job->step_w : 1;
  const int8_t *x = own ? job->x : job->x - length;
  const int8_t *w = own ? job->w + o : job->w + o * job->step_w - length;
  uint32_t sum = (uint32_t)job->bias[o];
  for (int32_t i = 0; i < job->rows; ++i) {
    if (x >= job->x_limit) x -= job->size;
    const int8_t *xt = x;
    for (int32_t j = 0; j < length; j += step_x, xt += step_x, w += step_w) {
      if (xt == job->x_limit) xt -= job->size;
      sum += (uint32_t)((xt[own ? o : 0] + job->offset) * *w);
    }
    x += own ? job->row_x + length : job->row_x;
    w += own ? job->row_w : job->row_w - length;
  }
  return (int32_t)sum;
}

/* Whether a filter row is one run of taps. */
static THIMBLE_V6M_APART int32_t are_runs(const thimble_window *m, const thimble_map *map) {
  const int32_t columns = m->filter_columns < m->input_columns ? m->filter_columns : m->input_columns;
  return m->batches == 1 && m->dilation_columns == 1 &&
         (map->columns == 0 || map->columns == m->input_columns) &&
         (m->filter_rows == 1 || m->input_rows == 1 || columns * map->pixel_step <= input_row(m, map));
}

int32_t thimble_v6m_window(thimble_v6m_job *job, const thimble_window *m, const thimble_map *from,
                           const thimble_map *to, const thimble_tile *tile) {
  const int8_t *input = job->x;
  const int8_t *const weights = job->w;
  int8_t *const output = job->y + tile->channel % to->pixel_step - tile->channel;
  if (!are_runs(m, from)) return 0;
  job->size = from->size;
  if (job->step_x == 0) {
    job->step_w = m->filter_rows * weights_row(job, m);
  } else {
    job->step_w = m->output_channels;
    input += tile->channel % from->pixel_step - tile->channel;
  }
  job->x_limit = input + from->size;
  job->channel_end = tile->channel + ((tile->channel_end - tile->channel) & ~3);
  for (int32_t r = tile->row; r < tile->row_end; ++r) {
    const thimble_taps rows =
        thimble_clip(r * m->stride_rows - m->padding_top, m->dilation_rows, m->filter_rows, m->input_rows);
    const int8_t *const x = input + rows.first * from->row_step % from->size;
    const int8_t *const w = weights + rows.begin * weights_row(job, m);
    thimble_line line = thimble_line_at(to, r, tile->column);
    for (int32_t c = tile->column; c < tile->column_end; ++c, thimble_line_next(&line)) {
      const thimble_taps columns =
          thimble_clip(c * m->stride_columns - m->padding_left, 1, m->filter_columns, m->input_columns);
      const int32_t inside = columns.end - columns.begin;
      const int32_t length = inside * from->pixel_step;
      const int32_t row_w = weights_row(job, m);
      job->rows = inside == 0 ? 0 : rows.end - rows.begin;
      job->x = x + columns.first * from->pixel_step;
      while (job->x >= job->x_limit) job->x -= from->size;
      job->y = output + line.at;
      job->channel = tile->channel;
      if (job->step_x == 0) {
        job->length = -length;
        job->x += length;
        job->w = w + columns.begin * m->input_channels + length;
        job->row_x = input_row(m, from);
        job->row_w = row_w;
      } else {
        job->length = length;
        job->w = w + columns.begin * m->output_channels;
        job->row_x = input_row(m, from) - length;
        job->row_w = row_w - inside * m->output_channels;
      }
      if (job->rows > 0 && job->channel < job->channel_end) thimble_v6m_do(job);
      for (; job->channel < tile->channel_end; ++job->channel) {
        job->y[job->channel] = (int8_t)thimble_scaled(job->scale, job->channel, sum_1(job));
      }
    }
  }
  return 1;
}

#endif
