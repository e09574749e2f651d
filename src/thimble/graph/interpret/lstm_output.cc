#include "thimble/graph/float_math.h"
#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"
#include "thimble/graph/lstm.h"

namespace thimble::interpreter {
namespace {

/// `function` of the cells and the gates behind them.
template <class Cell, class Y, class Function>
void combine(const OpRun &run, Function function) {
  const std::int32_t units = run.inputs[0].layout.shape[2] / 2;
  std::vector<Cell> cell_scratch, gate_scratch;
  std::vector<Y> outputs;
  for_each_run(run.tile, [&](const Coordinates &at, std::int32_t count) {
    Coordinates behind = at;
    behind[2] += units;
    const Cell *cells = load_run(run.inputs[0], at, count, cell_scratch);
    const Cell *gates = load_run(run.inputs[0], behind, count, gate_scratch);
    outputs.resize(static_cast<std::size_t>(count));
    for (std::int32_t i = 0; i < count; ++i)
      outputs[static_cast<std::size_t>(i)] = function(cells[i], gates[i]);
    store_run(run.output, at, count, outputs.data());
  });
}

}  // namespace

void run(const LstmOutput &, const OpRun &firing) {
  if (firing.output.type == ElementType::float32)
    return combine<float, float>(firing, [](float cell, float gate) { return tanh_float(cell) * gate; });
  const LstmOutputParameters p = lstm_output_parameters(firing.graph.tensor(firing.op.inputs[0]),
                                                        firing.graph.tensor(firing.op.output()));
  combine<std::int16_t, std::int8_t>(
      firing, [&](std::int16_t cell, std::int16_t gate) { return lstm_output(cell, gate, p); });
}

}  // namespace thimble::interpreter
