/* Outputs of one row of values, each the product of all of them with a row of weights: what a pixel of a convolution or
 * a row of a dense layer is, on cores with Helium. */
#ifndef THIMBLE_MVE_ROW_S8_H
#define THIMBLE_MVE_ROW_S8_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

#include "thimble_mve_rows.h"

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

/* Outputs output .. output_end - 1 of so many values each. */
void thimble_mve_set_rows(thimble_mve_rows *g, const thimble_scale *scale, const int32_t *bias, const int8_t *weights,
                          int32_t depth, int32_t output, int32_t output_end);
/* Rows one after the other, each g->depth values. */
void thimble_mve_row(const thimble_mve_rows *g, const thimble_mve_places *at);
/* The row that consists of the runs run .. end - 1; `of_48`: how many, if each has 48 values, else 0. */
void thimble_mve_row_of_runs(const thimble_mve_rows *g, const thimble_mve_run *run, const thimble_mve_run *end,
                             int8_t *y, int32_t of_48);

#endif

#endif
