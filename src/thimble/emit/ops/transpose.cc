#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const Transpose &transpose, OpEmission &emission) {
  const Shape &shape = emission.output().shape;
  const std::vector<std::int32_t> from = strides_of(emission.input(0).shape);
  const std::vector<std::int32_t> to = strides_of(shape);
  std::vector<WalkAxis> axes;
  for (std::size_t a = 0; a < shape.size(); ++a) {
    axes.push_back({shape[a], from[static_cast<std::size_t>(transpose.permutation[a])], to[a]});
  }
  emit_copy(emission, axes, 0, 0, 0);
  return {};
}

}  // namespace thimble::emitters
