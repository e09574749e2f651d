#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

// The first half of the file's SVDF (stateful_operators.h).
bool read(OperatorSource &source, SvdfState &) {
  return source.input_count(3, 3) && source.require_constant(1, "weights of features");
}

}  // namespace thimble::tflite::operators
