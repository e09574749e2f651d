#include "thimble/emit/ops/pools.h"

namespace thimble::emitters {

Result<void> emit_op(const MaxPool2D &pool, OpEmission &emission) {
  return emit_pool(pool, emission, "thimble_max_pool_2d");
}

}  // namespace thimble::emitters
