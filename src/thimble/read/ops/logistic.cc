#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, Logistic &) {
  return source.input_count(1, 1);
}

}  // namespace thimble::tflite::operators
