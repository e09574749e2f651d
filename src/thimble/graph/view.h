// Where the elements of a tensor live. Whole tensors, rings of rows, channel slices, windows and pixel FIFOs
// differ only in how coordinates fold.
#pragma once

#include <cstddef>

#include "thimble/graph/tensor.h"

namespace thimble {

/// Coordinates become a byte offset: each is taken modulo the fold of its axis, then row-major over the
/// folds.
///
///   whole tensor [1,8,8,4]       fold = shape
///   ring of 3 rows               fold = [1,3,8,4]: row 5 lives where row 2 lived
///   slice of 2 channels          fold = [1,8,8,2]
///   window of 3 x 3 pixels       fold = [1,3,3,4]
///   pixel FIFO of 19 pixels      fifo_pixels = 19: pixel number row*8+column modulo 19
struct Layout {
  Shape shape;                   ///< of the tensor
  Shape fold;                    ///< same rank, 1 <= fold[a] <= shape[a]
  std::int32_t fifo_pixels = 0;  ///< > 0: all axes but the last are numbered row-major and folded together
  int element_size = 1;

  static Layout whole(const Tensor &tensor);
  /// Whether nothing is folded: every element has a place of its own, in row-major order.
  bool is_whole() const { return fifo_pixels == 0 && fold == shape; }
  std::int64_t bytes() const;
  /// Byte offset of the element. A run along the last axis is contiguous up to the next multiple of its fold.
  std::int64_t offset(const std::array<std::int32_t, kMaxRank> &at) const;
};

/// What the first element's address must be a multiple of: elements of 3 bytes are read byte by byte.
inline std::int32_t element_alignment(const Layout &layout) {
  return layout.element_size == 3 ? 1 : layout.element_size;
}

/// A tensor's bytes during a firing. `base` is null for an absent optional input.
struct View {
  std::byte *base = nullptr;
  Layout layout;
  ElementType type = ElementType::int8;

  explicit operator bool() const { return base != nullptr; }
  template <class T>
  T *at(const std::array<std::int32_t, kMaxRank> &coordinates) const {
    return reinterpret_cast<T *>(base + layout.offset(coordinates));
  }
};

}  // namespace thimble
