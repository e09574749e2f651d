#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Quantize &) {
  target.version = target.output().type == ElementType::int16 ? 2 : 1;
  return true;
}

}  // namespace thimble::tflite::writers
