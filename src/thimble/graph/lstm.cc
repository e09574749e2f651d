#include "thimble/graph/lstm.h"

#include <algorithm>
#include <cmath>

namespace thimble {
namespace {

constexpr double kGateScale = 1.0 / 4096.0, kFunctionScale = 1.0 / 32768.0;

/// The product in float32, as the reference's.
QuantizedMultiplier gate_multiplier(const Tensor &x, const Tensor &weights) {
  return quantize_multiplier(double{x.quantization.scale() * weights.quantization.scale()} / kGateScale);
}

}  // namespace

TanhInt16Parameters tanh_int16_parameters(int exponent) {
  const int up = exponent + 12;
  return up < 0 ? TanhInt16Parameters{3, -up} : TanhInt16Parameters{3 << up, 0};
}

std::int16_t tanh_int16(std::int16_t x, const TanhInt16Parameters &parameters) {
  const std::array<std::uint16_t, 256> &table = sigmoid_table();
  const std::int32_t rounding = parameters.shift > 0 ? std::int32_t{1} << (parameters.shift - 1) : 0;
  const std::int32_t scaled = (x * parameters.multiplier + rounding) >> parameters.shift;
  const std::int32_t magnitude = scaled < 0 ? -scaled : scaled;
  const std::int32_t entry = magnitude >> 8;
  std::int32_t result = 0xFFFF << 8;
  if (entry < 255) {
    const std::size_t i = static_cast<std::size_t>(entry);
    result = (std::int32_t{table[i]} << 8) + (magnitude & 255) * (std::int32_t{table[i + 1]} - table[i]);
  }
  // 2 * sigmoid - 1, and its negative.
  result = scaled >= 0 ? result - (1 << 23) + 128 : (1 << 23) - result + 127;
  return static_cast<std::int16_t>(result >> 8);
}

int cell_exponent(const Tensor &cells) {
  const int exponent = static_cast<int>(std::lround(std::log2(double{cells.quantization.scale()})));
  // Steeper ones would leave 32 bits in the table of tanh.
  return exponent >= -30 && exponent <= 0 && near_power_of_two(cells.quantization.scale(), exponent)
             ? exponent
             : 1;
}

LstmOutputParameters lstm_output_parameters(const Tensor &cells, const Tensor &outputs) {
  LstmOutputParameters parameters;
  parameters.cell = tanh_int16_parameters(cell_exponent(cells));
  parameters.scale =
      quantize_multiplier(kFunctionScale * kFunctionScale / double{outputs.quantization.scale()});
  parameters.zero_point = outputs.quantization.zero_point();
  return parameters;
}

std::int8_t lstm_output(std::int16_t cell, std::int16_t gate, const LstmOutputParameters &parameters) {
  const std::int32_t product = tanh_int16(cell, parameters.cell) * gate;
  const std::int32_t scaled = multiply_by_quantized_multiplier(product, parameters.scale);
  return static_cast<std::int8_t>(std::clamp(wrap_add(scaled, parameters.zero_point), -128, 127));
}

LstmParameters lstm_parameters(const Graph &graph, const Op &op, float clip) {
  const auto input = [&](std::size_t i) -> const Tensor & { return graph.tensor(op.inputs[i]); };
  const Tensor &x = input(0), &hidden = input(kLstmHidden), &cells = input(kLstmCell);
  LstmParameters parameters;
  parameters.input_offset = -x.quantization.zero_point();
  parameters.hidden_offset = -hidden.quantization.zero_point();
  for (std::size_t gate = 0; gate < kLstmGates; ++gate) {
    parameters.input[gate] = gate_multiplier(x, input(kLstmWeights + gate));
    parameters.recurrent[gate] = gate_multiplier(hidden, input(kLstmRecurrent + gate));
  }
  const double cell_scale = double{cells.quantization.scale()};
  parameters.forget = quantize_multiplier(kFunctionScale * cell_scale / cell_scale);
  parameters.update = quantize_multiplier(kFunctionScale * kFunctionScale / cell_scale);
  // Below one step of the scale it is 0, which leaves nothing of the cells.
  if (clip > 0.0f) parameters.clip = static_cast<std::int32_t>(std::min(double{clip} / cell_scale, 32767.0));
  parameters.output = lstm_output_parameters(cells, hidden);
  return parameters;
}

}  // namespace thimble
