/* Softmax and logistic. Softmax kernels take one row of `depth` elements and make outputs begin .. end - 1 of
 * it; `output` is the place of output number `begin`. May work in place where elements have the same size. */
#ifndef THIMBLE_SOFTMAX_H
#define THIMBLE_SOFTMAX_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of int8 values: exponentials[d] = e^(-d * scale * beta) in Q0.31 for
 * differences d < `entries` from the row's largest value, computed by the compiler with gemmlowp's
 * fixed-point exponential; further ones count as zero. The output is real * 2^8 - 128 (s8) or real * 2^16 -
 * 32768 (s16). */
typedef struct {
  int32_t depth;
  int32_t entries;
  const int32_t *exponentials; /* [entries] */
} thimble_softmax_s8_params;

void thimble_softmax_s8(const thimble_softmax_s8_params *p, int32_t begin, int32_t end, const int8_t *input,
                        int8_t *output);
void thimble_softmax_s8_s16(const thimble_softmax_s8_params *p, int32_t begin, int32_t end,
                            const int8_t *input, int16_t *output);

/* 16-bit: both functions are tables of 513 samples, interpolated: e^x over [-10, 0] and 1/(1+x) over [0, 1].
 * The multiplier takes a difference to tenths of 65535 of the first table's range. The output is real * 2^15.
 */
typedef struct {
  int32_t depth;
  int32_t multiplier, shift;
  const int16_t *exponentials; /* [513] */
  const int16_t *reciprocals;  /* [513] */
} thimble_softmax_s16_params;

void thimble_softmax_s16(const thimble_softmax_s16_params *p, int32_t begin, int32_t end,
                         const int16_t *input, int16_t *output);

/* e^((x - largest) * beta) / sum, the sum in the order of the row. */
typedef struct {
  int32_t depth;
  float beta;
} thimble_softmax_f32_params;

void thimble_softmax_f32(const thimble_softmax_f32_params *p, int32_t begin, int32_t end, const float *input,
                         float *output);

/* 1 / (1 + e^-x) from a table of 256 samples of 1/24, interpolated; x * multiplier / 2^shift is in 1/(24 *
 * 512). The output is real * 2^15. */
typedef struct {
  int32_t multiplier, shift;
  const uint16_t *sigmoid; /* [256] */
} thimble_logistic_s16_params;

void thimble_logistic_s16(const thimble_logistic_s16_params *p, int32_t count, const int16_t *input,
                          int16_t *output);

void thimble_logistic_f32(int32_t count, const float *input, float *output);

#ifdef __cplusplus
}
#endif

#endif
