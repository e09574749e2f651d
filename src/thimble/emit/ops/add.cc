#include "thimble/emit/ops/sums.h"

namespace thimble::emitters {

Result<void> emit_op(const Add &, OpEmission &emission) {
  return emit_sum(emission, false);
}

}  // namespace thimble::emitters
