// The arithmetic of LSTMs: scales of the gates, and their functions of 16 bits, real * 2^15. Sums of gates
// are real * 2^12.
#pragma once

#include <array>

#include "thimble/graph/parameters.h"

namespace thimble {

/// In the order in which the operator's weights and biases are given.
enum LstmGate { kInputGate, kForgetGate, kCellGate, kOutputGate, kLstmGates };

/// Places of the operator's inputs.
constexpr std::size_t kLstmWeights = 1, kLstmRecurrent = kLstmWeights + kLstmGates,
                      kLstmBias = kLstmRecurrent + kLstmGates, kLstmHidden = kLstmBias + kLstmGates,
                      kLstmCell = kLstmHidden + 1, kLstmInputs = kLstmCell + 1;

/// tanh on int16 by the table of the sigmoid: x * multiplier / 2^shift is in 1/(24 * 256).
struct TanhInt16Parameters {
  std::int32_t multiplier = 0, shift = 0;
};
/// Of values that are real * 2^-exponent.
TanhInt16Parameters tanh_int16_parameters(int exponent);
std::int16_t tanh_int16(std::int16_t x, const TanhInt16Parameters &parameters);

/// What one output is made of: requantised gate * tanh(cell).
struct LstmOutputParameters {
  TanhInt16Parameters cell;
  QuantizedMultiplier scale;
  std::int32_t zero_point = 0;
};
LstmOutputParameters lstm_output_parameters(const Tensor &cells, const Tensor &outputs);
std::int8_t lstm_output(std::int16_t cell, std::int16_t gate, const LstmOutputParameters &parameters);

struct LstmParameters {
  std::int32_t input_offset = 0, hidden_offset = 0;  ///< minus the zero points
  std::array<QuantizedMultiplier, kLstmGates> input, recurrent;
  QuantizedMultiplier forget, update;  ///< of forget gate * cell, input gate * cell gate
  std::int32_t clip = -1;              ///< of cells; negative: none
  LstmOutputParameters output;         ///< of the steps in between
};
LstmParameters lstm_parameters(const Graph &graph, const Op &op, float clip);

/// The exponent of a power of two; 1 where the scale is none that LSTMs can have.
int cell_exponent(const Tensor &cells);

}  // namespace thimble
