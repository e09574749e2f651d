#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const Pad &pad, OpEmission &emission) {
  const Tensor &x = emission.input(0);
  const Tensor &y = emission.output();
  // Fill everything, then copy the inside: simple, and the border is small in every network that we know.
  const int bits = 8 * size_of(y.type);
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - bits);
  const std::int64_t zero_point = y.type == ElementType::float32 ? 0 : y.quantization.zero_point();
  const std::uint64_t value = static_cast<std::uint64_t>(zero_point) & mask;
  emission.call("thimble_movement.h", "thimble_fill_" + std::to_string(bits),
                {emission.destination(), c_text::number(y.elements()), c_text::number_unsigned(value)});
  const std::vector<std::int32_t> from = strides_of(x.shape);
  const std::vector<std::int32_t> to = strides_of(y.shape);
  std::vector<WalkAxis> axes;
  std::int64_t first = 0;
  for (std::size_t a = 0; a < x.shape.size(); ++a) {
    axes.push_back({x.shape[a], from[a], to[a]});
    first += std::int64_t{pad.before[a]} * to[a];
  }
  emit_copy(emission, axes, 0, 0, first);
  return {};
}

}  // namespace thimble::emitters
