#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const LstmOutput &) {
  return target.refuse("is a part of an operator with memory, which is not written");
}

}  // namespace thimble::tflite::writers
