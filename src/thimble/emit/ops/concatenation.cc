#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const Concatenation &concatenation, OpEmission &emission) {
  const std::vector<std::int32_t> to = strides_of(emission.output().shape);
  const std::size_t axis = static_cast<std::size_t>(concatenation.axis);
  std::int64_t first = 0;
  for (std::size_t i = 0; i < emission.op().inputs.size(); ++i) {
    const Shape &shape = emission.input(i).shape;
    const std::vector<std::int32_t> from = strides_of(shape);
    std::vector<WalkAxis> axes;
    for (std::size_t a = 0; a < shape.size(); ++a) axes.push_back({shape[a], from[a], to[a]});
    emit_copy(emission, axes, i, 0, first);
    first += std::int64_t{shape[axis]} * to[axis];
  }
  return {};
}

}  // namespace thimble::emitters
