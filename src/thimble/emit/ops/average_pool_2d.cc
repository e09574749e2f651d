#include "thimble/emit/ops/pools.h"

namespace thimble::emitters {

Result<void> emit_op(const AveragePool2D &pool, OpEmission &emission) {
  return emit_pool(pool, emission, "thimble_average_pool_2d");
}

}  // namespace thimble::emitters
