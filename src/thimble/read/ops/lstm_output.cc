#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

// A part of UNIDIRECTIONAL_SEQUENCE_LSTM (unidirectional_sequence_lstm.cc).
bool read(OperatorSource &source, LstmOutput &) {
  return source.refuse_damaged("a file has no such operator");
}

}  // namespace thimble::tflite::operators
