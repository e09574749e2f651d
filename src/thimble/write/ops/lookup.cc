#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Lookup &) {
  return target.refuse("is Thimble's own: TensorFlow Lite has no table of 256 results",
                       "write the graph as it is before the pass merge_lookups");
}

}  // namespace thimble::tflite::writers
