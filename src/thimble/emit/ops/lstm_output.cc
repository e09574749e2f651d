#include "thimble/emit/ops/lstm.h"

namespace thimble::emitters {

Fields lstm_output_fields(OpEmission &emission, const LstmOutputParameters &parameters, int nested) {
  Fields fields(nested);
  fields.line({{"tanh_multiplier", parameters.cell.multiplier}, {"tanh_shift", parameters.cell.shift}});
  fields.line({{"multiplier", parameters.scale.multiplier},
               {"shift", parameters.scale.shift},
               {"zero_point", parameters.zero_point}});
  fields.set("sigmoid", emission.table<std::uint16_t>("sigmoid", sigmoid_table(), "2^16 / (1 + e^(-i/24))"));
  return fields;
}

Result<void> emit_op(const LstmOutput &, OpEmission &emission) {
  const std::vector<BoxAxis> box = emission.box();
  Access cells{emission.source(0), emission.source_layout(0), {}}, gates;
  for (int axis = 0; axis < 3; ++axis) {
    cells.index.emplace_back();
    cells.index.back().axis = axis;
  }
  gates = cells;
  gates.index[2].offset = emission.output().shape[2];
  const std::vector<Access> arrays{cells, gates, emission.output_access()};
  const Run run = find_run(box, arrays,
                           [](const auto &steps) { return steps[0] == 1 && steps[1] == 1 && steps[2] == 1; });
  const bool real = emission.output().type == ElementType::float32;
  std::string parameters;
  if (!real) {
    const LstmOutputParameters p = lstm_output_parameters(emission.input(0), emission.output());
    parameters = emission.parameters("thimble_lstm_output_params", lstm_output_fields(emission, p, 0));
  }
  emit_runs(emission.code(), box, arrays, run, [&](const Term &count, const std::vector<std::string> &at) {
    if (real) {
      emission.call("thimble_lstm.h", "thimble_lstm_output_f32", {count.text, at[0], at[1], at[2]});
    } else {
      emission.call("thimble_lstm.h", "thimble_lstm_output_s8",
                    {parameters, count.text, at[0], at[1], at[2]});
    }
  });
  return {};
}

}  // namespace thimble::emitters
