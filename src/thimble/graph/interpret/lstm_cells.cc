#include "thimble/graph/float_math.h"
#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"
#include "thimble/graph/lstm.h"

namespace thimble::interpreter {
namespace {

std::int32_t clamp16(std::int32_t value) {
  return std::clamp(value, -32768, 32767);
}

/// One unit of one step: `x` and `hidden` are the inputs and the outputs before.
struct Integers {
  using Data = std::int8_t;
  using Cell = std::int16_t;

  const OpRun &run;
  LstmParameters p;
  explicit Integers(const LstmCells &lstm, const OpRun &firing)
      : run(firing), p(lstm_parameters(firing.graph, firing.op, lstm.clip)) {}

  static std::int32_t dot(const Data *x, std::int32_t offset, const Data *w, std::size_t length,
                          std::int32_t sum) {
    for (std::size_t k = 0; k < length; ++k) sum = wrap_add(sum, (x[k] + offset) * w[k]);
    return sum;
  }
  Cell sum(std::size_t gate, std::int32_t unit, const std::vector<Data> &x,
           const std::vector<Data> &hidden) const {
    const std::int32_t bias = *run.inputs[kLstmBias + gate].at<std::int32_t>({unit});
    const std::int32_t of_input =
        dot(x.data(), p.input_offset, run.inputs[kLstmWeights + gate].at<Data>({unit, 0}), x.size(), bias);
    const std::int32_t of_hidden =
        dot(hidden.data(), p.hidden_offset, run.inputs[kLstmRecurrent + gate].at<Data>({unit, 0}),
            hidden.size(), 0);
    return static_cast<Cell>(
        clamp16(clamp16(multiply_by_quantized_multiplier(of_input, p.input[gate])) +
                clamp16(multiply_by_quantized_multiplier(of_hidden, p.recurrent[gate]))));
  }
  static Cell sigmoid(Cell x) { return logistic_int16(x, {3, 0}); }
  static Cell tanh(Cell x) { return tanh_int16(x, tanh_int16_parameters(-12)); }
  Cell next(Cell cell, Cell input, Cell forget, Cell update) const {
    const std::int32_t kept = clamp16(multiply_by_quantized_multiplier(forget * cell, p.forget));
    const std::int32_t added = clamp16(multiply_by_quantized_multiplier(input * update, p.update));
    const std::int32_t sum = clamp16(kept + added);
    return static_cast<Cell>(p.clip >= 0 ? std::clamp(sum, -p.clip, p.clip) : sum);
  }
  Data output(Cell cell, Cell gate) const { return lstm_output(cell, gate, p.output); }
};

struct Floats {
  using Data = float;
  using Cell = float;

  const OpRun &run;
  float clip;
  explicit Floats(const LstmCells &lstm, const OpRun &firing) : run(firing), clip(lstm.clip) {}

  static float dot(const float *x, const float *w, std::size_t length) {
    float sum = 0.0f;
    for (std::size_t k = 0; k < length; ++k) sum += x[k] * w[k];
    return sum;
  }
  float sum(std::size_t gate, std::int32_t unit, const std::vector<float> &x,
            const std::vector<float> &hidden) const {
    const float of_input = dot(x.data(), run.inputs[kLstmWeights + gate].at<float>({unit, 0}), x.size());
    const float of_hidden =
        dot(hidden.data(), run.inputs[kLstmRecurrent + gate].at<float>({unit, 0}), hidden.size());
    return (of_input + *run.inputs[kLstmBias + gate].at<float>({unit})) + of_hidden;
  }
  static float sigmoid(float x) { return logistic_float(x); }
  static float tanh(float x) { return tanh_float(x); }
  float next(float cell, float input, float forget, float update) const {
    const float kept = forget * cell;
    const float added = input * update;
    const float sum = kept + added;
    return clip > 0.0f ? clamp_float(sum, -clip, clip) : sum;
  }
  static float output(float cell, float gate) { return tanh_float(cell) * gate; }
};

/// All steps up to the last one of the tile, whatever part of them it wants.
template <class Arithmetic>
void remember(const LstmCells &lstm, const OpRun &run) {
  using Data = typename Arithmetic::Data;
  using Cell = typename Arithmetic::Cell;
  const Arithmetic arithmetic(lstm, run);
  const std::size_t batch = lstm.time_major ? 1 : 0, time = 1 - batch;
  const std::int32_t features = run.inputs[0].layout.shape[2], units = run.output.layout.shape[2] / 2;
  const Range channels = run.tile.axis[2];
  std::vector<Data> scratch;
  std::vector<Cell> cell_scratch;
  for (std::int32_t b = run.tile.axis[batch].begin; b < run.tile.axis[batch].end; ++b) {
    const Data *before = load_run(run.inputs[kLstmHidden], {b, 0}, units, scratch);
    std::vector<Data> hidden(before, before + units);
    const Cell *first = load_run(run.inputs[kLstmCell], {b, 0}, units, cell_scratch);
    std::vector<Cell> cells(first, first + units);  // and the output gates behind them
    cells.resize(2 * static_cast<std::size_t>(units));
    for (std::int32_t t = 0; t < run.tile.axis[time].end; ++t) {
      Coordinates at{};
      at[batch] = b;
      at[time] = t;
      const Data *row = load_run(run.inputs[0], at, features, scratch);
      const std::vector<Data> x(row, row + features);
      for (std::int32_t u = 0; u < units; ++u) {
        const auto gate = [&](std::size_t which) { return arithmetic.sum(which, u, x, hidden); };
        Cell &cell = cells[static_cast<std::size_t>(u)];
        cell = arithmetic.next(cell, Arithmetic::sigmoid(gate(kInputGate)),
                               Arithmetic::sigmoid(gate(kForgetGate)), Arithmetic::tanh(gate(kCellGate)));
        cells[static_cast<std::size_t>(units + u)] = Arithmetic::sigmoid(gate(kOutputGate));
      }
      for (std::size_t u = 0; u < hidden.size(); ++u)
        hidden[u] = arithmetic.output(cells[u], cells[hidden.size() + u]);
      if (t < run.tile.axis[time].begin) continue;
      at[2] = channels.begin;
      store_run(run.output, at, channels.size(), cells.data() + channels.begin);
    }
  }
}

}  // namespace

void run(const LstmCells &lstm, const OpRun &firing) {
  if (firing.output.type == ElementType::float32) return remember<Floats>(lstm, firing);
  remember<Integers>(lstm, firing);
}

}  // namespace thimble::interpreter
