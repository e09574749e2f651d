#include "thimble_float.h"
#include "thimble_lstm.h"

static float dot(const float *x, const float *w, int32_t length) {
  float sum = 0.0f;
  for (int32_t k = 0; k < length; ++k) sum += x[k] * w[k];
  return sum;
}

static float sum(const thimble_lstm_f32_params *p, int32_t gate, int32_t unit, const float *x,
                 const float *hidden) {
  const float of_input = dot(x, p->weights[gate] + unit * p->features, p->features);
  const float of_hidden = dot(hidden, p->recurrent[gate] + unit * p->units, p->units);
  return (of_input + p->bias[gate][unit]) + of_hidden;
}

static void step(const thimble_lstm_f32_params *p, const float *x, const float *hidden, const float *cells,
                 float *output) {
  for (int32_t u = 0; u < p->units; ++u) {
    const float input = thimble_logistic_one_f32(sum(p, 0, u, x, hidden));
    const float forget = thimble_logistic_one_f32(sum(p, 1, u, x, hidden));
    const float kept = forget * cells[u];
    const float added = input * thimble_tanh_f32(sum(p, 2, u, x, hidden));
    const float cell = kept + added;
    output[u] = p->clip > 0.0f ? thimble_clamp_f32(cell, -p->clip, p->clip) : cell;
    output[p->units + u] = thimble_logistic_one_f32(sum(p, 3, u, x, hidden));
  }
}

void thimble_lstm_cells_f32(const thimble_lstm_f32_params *p, const float *input, const float *hidden,
                            const float *cells, float *output, void *last) {
  float *const outputs = (float *)last;
  for (int32_t t = 0; t < p->steps; ++t, input += p->input_step, output += p->output_step) {
    if (t > 0) {
      for (int32_t u = 0; u < p->units; ++u) outputs[u] = thimble_tanh_f32(cells[u]) * cells[p->units + u];
      hidden = outputs;
    }
    step(p, input, hidden, cells, output);
    cells = output;
  }
}
