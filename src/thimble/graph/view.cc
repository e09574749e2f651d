#include "thimble/graph/view.h"

namespace thimble {

Layout Layout::whole(const Tensor &tensor) {
  return {tensor.shape, tensor.shape, 0, size_of(tensor.type)};
}

std::int64_t Layout::bytes() const {
  if (fifo_pixels > 0) return std::int64_t{fifo_pixels} * shape.back() * element_size;
  return element_count(fold) * element_size;
}

std::int64_t Layout::offset(const std::array<std::int32_t, kMaxRank> &at) const {
  const std::size_t rank = shape.size();
  std::int64_t index = 0;
  if (fifo_pixels > 0) {
    for (std::size_t a = 0; a + 1 < rank; ++a) index = index * shape[a] + at[a];
    index = (index % fifo_pixels) * shape[rank - 1] + at[rank - 1];
  } else {
    for (std::size_t a = 0; a < rank; ++a) {
      // Most axes are not folded; a division is only paid where one is.
      index = index * fold[a] + (at[a] < fold[a] ? at[a] : at[a] % fold[a]);
    }
  }
  return index * element_size;
}

}  // namespace thimble
