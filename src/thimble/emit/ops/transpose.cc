#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const Transpose &transpose, OpEmission &emission) {
  Access from{emission.source(0), emission.source_layout(0), {}};
  from.index.resize(transpose.permutation.size());
  for (std::size_t a = 0; a < transpose.permutation.size(); ++a)
    from.index[static_cast<std::size_t>(transpose.permutation[a])].axis = static_cast<int>(a);
  emit_copy(emission, emission.box(), from);
  return {};
}

}  // namespace thimble::emitters
