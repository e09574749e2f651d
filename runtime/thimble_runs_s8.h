/* Filter rows as runs of elements that follow each other in the input as in the weights: convolutions over any map. */
#ifndef THIMBLE_RUNS_S8_H
#define THIMBLE_RUNS_S8_H

#include "thimble_dot_s8.h"
#include "thimble_taps.h"

/* What the taps of all pixels have in common: filter rows are cut into runs of elements that follow each
 * other in the input as in the weights. One run is a whole filter row where its taps are neighbours. */
typedef struct {
  const int8_t *x;
  int32_t offset;
  int32_t fifo;         /* memory wraps at its end, not at the end of each row */
  int32_t neighbours;   /* the taps of a filter row are one run */
  int32_t length;       /* of a tap's run */
  int32_t depth, row_w; /* weights from tap to tap, from filter row to filter row */
} thimble_runs;

/* Adds one run to the sums of one output channel, or of four that are `stride` weights apart. */
static void thimble_add_run(const thimble_runs *g, int32_t at, const int8_t *w, int32_t stride, int32_t length,
                            uint32_t sums[4]) {
  if (stride != 0) {
    thimble_dot4_s8(g->x + at, w, stride, length, g->offset, sums);
  } else {
    sums[0] = thimble_dot_s8(g->x + at, w, length, g->offset, sums[0]);
  }
}

static void thimble_add_runs(const thimble_runs *g, const thimble_folded *taps, const int8_t *w, int32_t stride,
                             uint32_t sums[4]) {
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
      thimble_add_run(g, at, w + j * g->depth, stride, straight, sums);
      if (straight < length) {
        thimble_add_run(g, at + room - taps->circle, w + j * g->depth + room, stride, length - room, sums);
      }
      column = thimble_wrap(column + taps->column_step, taps->circle);
    }
    row = thimble_wrap(row + taps->row_step, taps->size);
  }
}

#endif
