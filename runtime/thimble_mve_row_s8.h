/* Outputs of one row of values, each the product of all of them with a row of weights: what a pixel of a convolution or
 * a row of a dense layer is, on cores with Helium. */
#ifndef THIMBLE_MVE_ROW_S8_H
#define THIMBLE_MVE_ROW_S8_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

/* The outputs, and where the first of them has its constants. Assembler knows where the first ten are. */
typedef struct {
  const int8_t *w;
  const int32_t *bias, *multipliers;
  const int8_t *shifts;
  int32_t depth;
  int32_t fours;   /* of outputs */
  int32_t back;    /* 0, or so many outputs back from where they end is one more, which ends with the last output */
  int32_t none;    /* 0 */
  int32_t sign;    /* whether scaling looks at the sign */
  int32_t zero_point;
  int32_t general; /* as thimble_scaled does it; also less than four outputs, and where they have one scale */
  const thimble_scale *scale;
} thimble_mve_rows;

/* Values that lie one after the other, more than 0. */
typedef struct {
  const int8_t *x;
  int32_t count;
} thimble_mve_run;

/* Rows whose values lie in several runs, which are copied together: `rows` of `count` values, `down` apart in circular
 * memory of `size` bytes up to `end`. They go to `to` and every `length` bytes from there on; the row is then at
 * `patch`. */
typedef struct {
  int8_t *patch, *to;
  const int8_t *end;
  int32_t size, down, length, rows, count;
} thimble_mve_copies;

/* Where rows are, and where their outputs: `count` of them. */
typedef struct {
  const int8_t *x;
  int8_t *y;
  int32_t x_step, y_step, count;
  const thimble_mve_copies *copies; /* null: the values of a row are one run */
} thimble_mve_places;

static inline thimble_mve_rows thimble_mve_rows_of(const thimble_scale *scale, const int32_t *bias,
                                                   const int8_t *weights, int32_t depth, int32_t output,
                                                   int32_t output_end) {
  thimble_mve_rows g;
  const int32_t outputs = output_end - output;
  g.w = weights + output * depth;
  g.bias = bias + output;
  g.multipliers = scale->multipliers + output * scale->channel_step;
  g.shifts = scale->shifts + output * scale->channel_step;
  g.depth = depth;
  g.fours = outputs >> 2;
  g.back = -(-outputs & 3);
  g.none = 0;
  g.sign = scale->form - THIMBLE_MVE_RELU;
  g.zero_point = scale->zero_point;
  g.general = scale->channel_step == 0 || outputs < 4 || scale->form == THIMBLE_MVE_GENERAL;
  g.scale = scale;
  return g;
}

/* Rows one after the other, each g->depth values. */
void thimble_mve_row(const thimble_mve_rows *g, const thimble_mve_places *at);
/* The row that consists of the runs run .. end - 1; `of_48`: how many, if each has 48 values, else 0. */
void thimble_mve_row_of_runs(const thimble_mve_rows *g, const thimble_mve_run *run, const thimble_mve_run *end,
                             int8_t *y, int32_t of_48);

#endif

#endif
