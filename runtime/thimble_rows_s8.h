/* Sums of neighbouring int8 columns over rows, counted in or out. */
#ifndef THIMBLE_ROWS_S8_H
#define THIMBLE_ROWS_S8_H

#include "thimble_columns_s8.h"
#include "thimble_loops.h"

/* sums[0 .. THIMBLE_COLUMNS - 1] gain `rows` rows, times `sign`. */
static inline void thimble_count_columns(int32_t rows, const int8_t *x, int32_t step, int32_t sign, int32_t *sums) {
  int32_t some[THIMBLE_COLUMNS];
  while (rows > 0) {
    const int32_t count = thimble_least(rows, THIMBLE_MOST_VALUES);
    thimble_columns columns = thimble_no_columns();
    for (int32_t r = 0; r < count; ++r, x += step) columns = thimble_add_columns(columns, x);
    thimble_store_columns(columns, some);
    for (int32_t i = 0; i < THIMBLE_COLUMNS; ++i) sums[i] += sign * some[i];
    rows -= count;
  }
}

/* sums[i] gains sign * (x[i] + x[i + step] + ...) of `rows` elements, for i < count. `sign`: 1 or -1, a constant. */
static inline void thimble_count_rows(int32_t count, int32_t rows, const int8_t *x, int32_t step, int32_t sign,
                                      int32_t *sums) {
  int32_t i = 0;
  for (; i + THIMBLE_COLUMNS <= count; i += THIMBLE_COLUMNS)
    thimble_count_columns(rows, x + i, step, sign, sums + i);
  for (; i < count; ++i) {
    const int8_t *xt = x + i;
    for (int32_t r = 0; r < rows; ++r, xt += step) sums[i] += sign * *xt;
  }
}

#endif
