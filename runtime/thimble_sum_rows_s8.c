#include "thimble_columns_s8.h"
#include "thimble_loops.h"
#include "thimble_mean.h"

/* sums[0 .. THIMBLE_COLUMNS - 1] gain `rows` rows. */
static void sum_columns(int32_t rows, const int8_t *x, int32_t step, int32_t *sums) {
  int32_t some[THIMBLE_COLUMNS];
  while (rows > 0) {
    const int32_t count = thimble_least(rows, THIMBLE_MOST_VALUES);
    thimble_columns columns = thimble_no_columns();
    for (int32_t r = 0; r < count; ++r, x += step) columns = thimble_add_columns(columns, x);
    thimble_store_columns(columns, some);
    for (int32_t i = 0; i < THIMBLE_COLUMNS; ++i) sums[i] += some[i];
    rows -= count;
  }
}

void thimble_sum_rows_s8(int32_t count, int32_t rows, const int8_t *x, int32_t step, int32_t *sums) {
  int32_t i = 0;
  for (; i + THIMBLE_COLUMNS <= count; i += THIMBLE_COLUMNS) sum_columns(rows, x + i, step, sums + i);
  for (; i < count; ++i) {
    const int8_t *xt = x + i;
    for (int32_t r = 0; r < rows; ++r, xt += step) sums[i] += *xt;
  }
}
