/* Additions of quantised data as one weighted sum: what ADD and SUB become where the compiler has compared
 * the two for all 65,536 pairs of inputs. */
#ifndef THIMBLE_WEIGHTED_SUM_H
#define THIMBLE_WEIGHTED_SUM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* weight_a * a + weight_b * b + start fits int32 for all a, b in [-128, 127]. */
typedef struct {
  int32_t step_a, step_b;
  int32_t weight_a, weight_b, start;
  int32_t bits;             /* of fraction of the sum, 0 .. 31 */
  int32_t minimum, maximum; /* within int8 */
} thimble_weighted_sum_params;

/* output[i] = (weight_a * a[i * step_a] + weight_b * b[i * step_b] + start) / 2^bits rounded down, clamped;
 * for i < count in ascending order. Steps are 0 or 1. The output may lie on the bytes of an input whose step
 * is 1. */
void thimble_weighted_sum_s8(const thimble_weighted_sum_params *p, int32_t count, const int8_t *a,
                             const int8_t *b, int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
