/* Outputs of one row of values, each the product of all of them with a row of weights: what a pixel of a convolution or
 * a row of a dense layer is, on cores with Helium. */
#ifndef THIMBLE_MVE_ROW_S8_H
#define THIMBLE_MVE_ROW_S8_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

/* The outputs, and where the first of them has its constants. */
typedef struct {
  const thimble_scale *scale;
  const int8_t *w;
  const int32_t *bias, *multipliers;
  const int8_t *shifts;
  int32_t depth, outputs;
  int32_t form; /* THIMBLE_MVE_GENERAL also for less than four outputs, and where they have one scale */
} thimble_mve_rows;

/* Values that lie one after the other, more than 0. */
typedef struct {
  const int8_t *x;
  int32_t count;
} thimble_mve_run;

/* Runs that are known of a row at a time. */
#define THIMBLE_MVE_RUNS 8

static inline thimble_mve_rows thimble_mve_rows_of(const thimble_scale *scale, const int32_t *bias,
                                                   const int8_t *weights, int32_t depth, int32_t output,
                                                   int32_t output_end) {
  thimble_mve_rows g;
  g.scale = scale;
  g.w = weights + output * depth;
  g.bias = bias + output;
  g.multipliers = scale->multipliers + output * scale->channel_step;
  g.shifts = scale->shifts + output * scale->channel_step;
  g.depth = depth;
  g.outputs = output_end - output;
  g.form = scale->channel_step == 0 || g.outputs < 4 ? THIMBLE_MVE_GENERAL : scale->form;
  return g;
}

/* The row at x, which is g->depth long; y is the place of the first output. */
void thimble_mve_row(const thimble_mve_rows *g, const int8_t *x, int8_t *y);
/* The row that consists of the runs run .. end - 1. */
void thimble_mve_row_of_runs(const thimble_mve_rows *g, const thimble_mve_run *run, const thimble_mve_run *end,
                             int8_t *y);

#endif

#endif
