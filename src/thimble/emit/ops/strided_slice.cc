#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const StridedSlice &slice, OpEmission &emission) {
  const std::vector<std::int32_t> from = strides_of(emission.input(0).shape);
  const std::vector<std::int32_t> to = strides_of(slice.extent);
  std::vector<WalkAxis> axes;
  std::int64_t first = 0;
  for (std::size_t a = 0; a < from.size(); ++a) {
    // An axis of one element may have any stride: it is never stepped along.
    axes.push_back({slice.extent[a], slice.extent[a] == 1 ? 0 : from[a] * slice.stride[a], to[a]});
    first += std::int64_t{slice.begin[a]} * from[a];
  }
  emit_copy(emission, axes, 0, first, 0);
  return {};
}

}  // namespace thimble::emitters
