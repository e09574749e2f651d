#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Logistic &) {
  target.version_by_type();
  return true;
}

}  // namespace thimble::tflite::writers
