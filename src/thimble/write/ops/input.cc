#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

// The network's inputs are a list in the file, not operators.
bool write(OperatorTarget &target, const Input &) {
  return target.refuse("is no operator of a file");
}

}  // namespace thimble::tflite::writers
