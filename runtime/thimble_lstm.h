/* Long short-term memory. Gates are numbered: input, forget, cell, output. */
#ifndef THIMBLE_LSTM_H
#define THIMBLE_LSTM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Outputs of 8 bits from cells and output gates of 16: scaled(tanh(cell) * gate) + zero_point. Gates, and
 * tanh, are real * 2^15; cells are real * 2^-e, which tanh_multiplier / 2^tanh_shift takes to steps of 1/(24
 * * 256). */
typedef struct {
  int32_t tanh_multiplier, tanh_shift;
  int32_t multiplier, shift, zero_point;
  const uint16_t *sigmoid; /* [256]: 2^16 / (1 + e^(-i/24)) */
} thimble_lstm_output_params;

void thimble_lstm_output_s8(const thimble_lstm_output_params *p, int32_t count, const int16_t *cells,
                            const int16_t *gates, int8_t *output);
void thimble_lstm_output_f32(int32_t count, const float *cells, const float *gates, float *output);

/* One sequence of steps: `input_step` and `output_step` elements from one step's row to the next. A row of
 * the output is the `units` new cells and the output gates behind them. */
typedef struct {
  int32_t steps, features, units;
  int32_t input_step, output_step;
  int32_t input_offset, hidden_offset; /* minus the zero points of the input and of outputs */
  const int8_t *weights[4];            /* of each gate: [units, features] */
  const int8_t *recurrent[4];          /* [units, units] */
  const int32_t *bias[4];              /* [units] */
  int32_t multipliers[4], shifts[4];   /* of the sums, to real * 2^12 */
  int32_t recurrent_multipliers[4], recurrent_shifts[4];
  int32_t forget_multiplier, forget_shift; /* of forget gate * cell */
  int32_t update_multiplier, update_shift; /* of input gate * cell gate */
  int32_t clip;                            /* of cells, to [-clip, clip]; negative: none */
  thimble_lstm_output_params output;
} thimble_lstm_s8_params;

/* `hidden` and `cells`: outputs and cells before the first step. `last` [units] holds the outputs of the step
 * before; one step needs none. */
void thimble_lstm_cells_s8(const thimble_lstm_s8_params *p, const int8_t *input, const int8_t *hidden,
                           const int16_t *cells, int16_t *output, void *last);

typedef struct {
  int32_t steps, features, units;
  int32_t input_step, output_step;
  float clip; /* 0: none */
  const float *weights[4];
  const float *recurrent[4];
  const float *bias[4];
} thimble_lstm_f32_params;

void thimble_lstm_cells_f32(const thimble_lstm_f32_params *p, const float *input, const float *hidden,
                            const float *cells, float *output, void *last);

#ifdef __cplusplus
}
#endif

#endif
