#include "thimble_dot_s8.h"
#include "thimble_lstm_s8.h"

/* What a gate's function is taken of, for one unit: real * 2^12. */
static int32_t sum(const thimble_lstm_s8_params *p, int32_t gate, int32_t unit, const int8_t *x,
                   const int8_t *hidden) {
  const uint32_t of_input = thimble_dot_s8(x, p->weights[gate] + unit * p->features, p->features,
                                           p->input_offset, (uint32_t)p->bias[gate][unit]);
  const uint32_t of_hidden =
      thimble_dot_s8(hidden, p->recurrent[gate] + unit * p->units, p->units, p->hidden_offset, 0);
  const int32_t a = thimble_requantise((int32_t)of_input, p->multipliers[gate], p->shifts[gate]);
  const int32_t b =
      thimble_requantise((int32_t)of_hidden, p->recurrent_multipliers[gate], p->recurrent_shifts[gate]);
  return thimble_clamp_s16(thimble_clamp_s16(a) + thimble_clamp_s16(b));
}

static void step(const thimble_lstm_s8_params *p, const int8_t *x, const int8_t *hidden, const int16_t *cells,
                 int16_t *output) {
  const uint16_t *const sigmoid = p->output.sigmoid;
  for (int32_t u = 0; u < p->units; ++u) {
    const int32_t input = thimble_sigmoid_s16(sigmoid, sum(p, 0, u, x, hidden));
    const int32_t forget = thimble_sigmoid_s16(sigmoid, sum(p, 1, u, x, hidden));
    const int32_t update = thimble_tanh_s16(sigmoid, sum(p, 2, u, x, hidden), 3, 0);
    const int32_t kept = thimble_requantise(forget * cells[u], p->forget_multiplier, p->forget_shift);
    const int32_t added = thimble_requantise(input * update, p->update_multiplier, p->update_shift);
    const int32_t cell = thimble_clamp_s16(thimble_clamp_s16(kept) + thimble_clamp_s16(added));
    output[u] = (int16_t)(p->clip >= 0 ? thimble_clamp(cell, -p->clip, p->clip) : cell);
    output[p->units + u] = (int16_t)thimble_sigmoid_s16(sigmoid, sum(p, 3, u, x, hidden));
  }
}

void thimble_lstm_cells_s8(const thimble_lstm_s8_params *p, const int8_t *input, const int8_t *hidden,
                           const int16_t *cells, int16_t *output, void *last) {
  int8_t *const outputs = (int8_t *)last;
  for (int32_t t = 0; t < p->steps; ++t, input += p->input_step, output += p->output_step) {
    if (t > 0) {
      for (int32_t u = 0; u < p->units; ++u)
        outputs[u] = (int8_t)thimble_lstm_output_one(&p->output, cells[u], cells[p->units + u]);
      hidden = outputs;
    }
    step(p, input, hidden, cells, output);
    cells = output;
  }
}
