#include "thimble/emit/ops/sums.h"

namespace thimble::emitters {

Result<void> emit_op(const Sub &, OpEmission &emission) {
  return emit_sum(emission, true);
}

}  // namespace thimble::emitters
