#include "thimble/write/ops/pools.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const AveragePool2D &pool) {
  return write_pool(target, pool);
}

}  // namespace thimble::tflite::writers
