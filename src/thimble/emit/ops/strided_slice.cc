#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const StridedSlice &slice, OpEmission &emission) {
  Access from{emission.source(0), emission.source_layout(0), {}};
  int axis = 0;
  for (std::size_t a = 0; a < slice.begin.size(); ++a) {
    ArrayIndex index;
    if (slice.shrink[a]) {
      index.fixed = number(slice.begin[a]);
    } else {
      index.axis = axis++;
      index.stride = slice.stride[a];
      index.offset = slice.begin[a];
    }
    from.index.push_back(index);
  }
  emit_copy(emission, emission.box(), from);
  return {};
}

}  // namespace thimble::emitters
