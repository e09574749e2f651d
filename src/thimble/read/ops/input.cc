#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

// Arrivals are made from the subgraph's list of inputs, never from an operator of the file.
bool read(OperatorSource &source, Input &) {
  return source.refuse_damaged("a file has no such operator");
}

}  // namespace thimble::tflite::operators
