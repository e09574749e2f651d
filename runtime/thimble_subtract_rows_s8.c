#include "thimble_mean.h"
#include "thimble_rows_s8.h"

void thimble_subtract_rows_s8(int32_t count, int32_t rows, const int8_t *x, int32_t step, int32_t *sums) {
  thimble_count_rows(count, rows, x, step, -1, sums);
}
