#include "thimble/emit/emission.h"

namespace thimble::emitters {

Result<void> emit_op(const Input &, OpEmission &) {
  // The caller puts the bytes in place before the run.
  return {};
}

}  // namespace thimble::emitters
