// Runs of elements along the last axis: the unit in which the interpreter reads and writes. A run is
// contiguous up to the fold of its axis (a slice of channels may wrap), so it costs one address, not one per
// element.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "thimble/graph/view.h"

namespace thimble::interpreter {

using Coordinates = std::array<std::int32_t, kMaxRank>;

/// Elements from `at` on that are contiguous in memory, at least 1.
inline std::int32_t contiguous(const Layout &layout, const Coordinates &at) {
  const std::size_t rank = layout.shape.size();
  if (rank == 0) return 1;
  const std::int32_t fold = layout.fifo_pixels > 0 ? layout.shape[rank - 1] : layout.fold[rank - 1];
  return fold - at[rank - 1] % fold;
}

/// `length` elements from `at` on: in place where they are contiguous, else gathered into `scratch`.
template <class T>
const T *load_run(const View &view, Coordinates at, std::int32_t length, std::vector<T> &scratch) {
  std::int32_t part = contiguous(view.layout, at);
  if (part >= length) return view.at<T>(at);
  scratch.resize(static_cast<std::size_t>(length));
  const std::size_t last = view.layout.shape.size() - 1;
  for (std::int32_t done = 0; done < length; done += part) {
    part = std::min(contiguous(view.layout, at), length - done);
    std::copy_n(view.at<T>(at), part, scratch.data() + done);
    at[last] += part;
  }
  return scratch.data();
}

template <class T>
void store_run(const View &view, Coordinates at, std::int32_t length, const T *values) {
  for (std::int32_t done = 0; done < length;) {
    const std::int32_t part = std::min(contiguous(view.layout, at), length - done);
    std::copy_n(values + done, part, view.at<T>(at));
    done += part;
    if (done < length) at[view.layout.shape.size() - 1] += part;
  }
}

/// Coordinates of element number `index` of a tensor in row-major order.
inline Coordinates coordinates_of(const Shape &shape, std::int64_t index) {
  Coordinates at{};
  for (std::size_t a = shape.size(); a-- > 0;) {
    at[a] = static_cast<std::int32_t>(index % shape[a]);
    index /= shape[a];
  }
  return at;
}

/// Calls `visit(coordinates, length)` for the runs that make up elements [begin, begin + count) in row-major
/// order.
template <class Visit>
void for_each_flat_run(const Shape &shape, std::int64_t begin, std::int64_t count, Visit &&visit) {
  const std::int64_t end = begin + count;
  while (begin < end) {
    const Coordinates at = coordinates_of(shape, begin);
    const std::int64_t to_end_of_axis = shape.empty() ? 1 : shape.back() - at[shape.size() - 1];
    const std::int32_t length = static_cast<std::int32_t>(std::min(to_end_of_axis, end - begin));
    visit(at, length);
    begin += length;
  }
}

/// Moves a run of elements of any type.
inline void move_run(const View &from, Coordinates source, const View &to, Coordinates target,
                     std::int32_t length) {
  const std::size_t size = static_cast<std::size_t>(from.layout.element_size);
  while (length > 0) {
    const std::int32_t part =
        std::min({length, contiguous(from.layout, source), contiguous(to.layout, target)});
    std::memmove(to.at<std::byte>(target), from.at<std::byte>(source), static_cast<std::size_t>(part) * size);
    length -= part;
    if (length == 0) break;
    source[from.layout.shape.size() - 1] += part;
    target[to.layout.shape.size() - 1] += part;
  }
}

}  // namespace thimble::interpreter
