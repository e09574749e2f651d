#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const ConvPart &) {
  return target.refuse("is Thimble's own: TensorFlow Lite has no convolutions in parts",
                       "write the graph that the stream is made from");
}

}  // namespace thimble::tflite::writers
