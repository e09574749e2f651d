#include <algorithm>

#include "thimble/emit/ops/lstm.h"

namespace thimble::emitters {
namespace {

/// One of each gate's constants or numbers, as the initialiser of an array.
template <class Item>
std::string of_gates(Item item) {
  std::string text = "{";
  for (std::size_t gate = 0; gate < kLstmGates; ++gate) text += (gate > 0 ? ", " : "") + item(gate);
  return text + "}";
}

void set_constants(OpEmission &emission, Fields &fields) {
  static constexpr const char *kGateNames[kLstmGates] = {"input", "forget", "cell", "output"};
  const auto constants = [&](std::size_t first, const std::string &what) {
    return of_gates([&](std::size_t gate) {
      return emission.constant(emission.op().inputs[first + gate],
                               std::string(kGateNames[gate]) + "_" + what);
    });
  };
  fields.set("weights", constants(kLstmWeights, "weights"));
  fields.set("recurrent", constants(kLstmRecurrent, "recurrent"));
  fields.set("bias", constants(kLstmBias, "bias"));
}

void set_scales(const std::array<QuantizedMultiplier, kLstmGates> &scales, const std::string &prefix,
                Fields &fields) {
  fields.set(prefix + "multipliers",
             of_gates([&](std::size_t gate) { return c_text::number(scales[gate].multiplier); }));
  fields.set(prefix + "shifts",
             of_gates([&](std::size_t gate) { return c_text::number(scales[gate].shift); }));
}

std::string parameters_of(const LstmCells &lstm, OpEmission &emission) {
  const Shape &x = emission.input(0).shape;
  const std::size_t time = lstm.time_major ? 0 : 1;
  const std::int32_t units = emission.input(kLstmHidden).shape[1];
  const std::int32_t sequences = lstm.time_major ? x[1] : 1;
  Fields fields;
  fields.line({{"steps", x[time]}, {"features", x[2]}, {"units", units}});
  fields.line({{"input_step", sequences * x[2]}, {"output_step", sequences * 2 * units}});
  if (emission.output().type == ElementType::float32) {
    fields.set("clip", lstm.clip > 0.0f ? lstm.clip : 0.0f);
    set_constants(emission, fields);
    return emission.parameters("thimble_lstm_f32_params", fields);
  }
  const LstmParameters p = lstm_parameters(emission.graph(), emission.op(), lstm.clip);
  fields.line({{"input_offset", p.input_offset}, {"hidden_offset", p.hidden_offset}});
  set_constants(emission, fields);
  set_scales(p.input, "", fields);
  set_scales(p.recurrent, "recurrent_", fields);
  fields.line({{"forget_multiplier", p.forget.multiplier}, {"forget_shift", p.forget.shift}});
  fields.line({{"update_multiplier", p.update.multiplier}, {"update_shift", p.update.shift}});
  fields.set("clip", p.clip);
  fields.set("output", lstm_output_fields(emission, p.output, 1));
  return emission.parameters("thimble_lstm_s8_params", fields);
}

bool is_plain(const Layout &layout) {
  return layout.fifo_pixels == 0 && std::equal(layout.fold.begin(), layout.fold.end(), layout.shape.begin());
}

}  // namespace

Result<void> emit_op(const LstmCells &lstm, OpEmission &emission) {
  const std::size_t batch = lstm.time_major ? 1 : 0;
  const Shape &shape = emission.output().shape;
  for (const Region &tile : emission.facts().tiles) {
    if (tile.axis[1 - batch] != Range{0, shape[1 - batch]} || tile.axis[2] != Range{0, shape[2]})
      return emission.refuse("makes a part of its sequence in one firing, which its kernel cannot");
  }
  std::vector<Access> arrays;
  const auto add = [&](const std::string &base, const Layout &layout, std::size_t axis) {
    arrays.push_back({base, layout, std::vector<ArrayIndex>(layout.shape.size())});
    arrays.back().index[axis].axis = 0;
    return is_plain(layout);
  };
  bool plain = add(emission.source(0), emission.source_layout(0), batch);
  for (const std::size_t state : {kLstmHidden, kLstmCell})
    plain = add(emission.source(state), emission.source_layout(state), 0) && plain;
  plain = add(emission.destination(), emission.destination_layout(), batch) && plain;
  if (!plain)
    return emission.refuse("works on tensors that do not lie in one piece, which its kernel cannot");
  const std::string parameters = parameters_of(lstm, emission);
  const std::string scratch = shape[1 - batch] > 1 ? emission.scratch() : "0";
  const std::vector<BoxAxis> sequences{emission.box()[batch]};
  Run one;
  one.first_axis = 1;
  emit_runs(emission.code(), sequences, arrays, one, [&](const Term &, const std::vector<std::string> &at) {
    const bool real = emission.output().type == ElementType::float32;
    emission.call("thimble_lstm.h", real ? "thimble_lstm_cells_f32" : "thimble_lstm_cells_s8",
                  {parameters, at[0], at[1], at[2], at[3], scratch});
  });
  return {};
}

}  // namespace thimble::emitters
