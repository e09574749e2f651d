// Private to the layer: operators that keep values in variable tensors, which they write in place. In the
// graph nothing is: one operator makes the next state, the other one reads it.
//
//   file   SVDF(x, feature weights, time weights, bias, state) -> y
//   graph  SVDF_STATE(x, feature weights, state) -> next      SVDF(next, time weights, bias) -> y
//
//   file   UNIDIRECTIONAL_SEQUENCE_LSTM(x, weights, biases, outputs before, cells before) -> y
//   graph  LSTM_CELLS(x, weights, biases, outputs before, cells before) -> cells      LSTM_OUTPUT(cells) -> y
//          STRIDED_SLICE(y) -> next outputs before            STRIDED_SLICE(cells) -> next cells before
#pragma once

#include "thimble/read/operators.h"

namespace thimble::tflite {

/// The tensors that operators of `list` keep values in; they may be variables.
std::vector<bool> kept_tensors(const OperatorList &list, std::size_t tensors);

/// Splits such operators, adds the next states to `table` and the states to `states`. `ends`: the network's
/// inputs and outputs, none of which may be a state.
void split_stateful_operators(const ModelFile &file, const std::vector<TensorId> &ends, OperatorList &list,
                              TensorTable &table, std::vector<State> &states, Problems &problems);

}  // namespace thimble::tflite
