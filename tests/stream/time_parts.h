// Elements of time in the bytes of a tensor.
#pragma once

#include "thimble/graph/view.h"
#include "thimble/stream/time_axis.h"

namespace thimble::test {

/// The part of the tensor that holds elements [first, end) of time.
inline Region time_region(const Tensor &tensor, const stream::TimeAxis &time, std::int64_t first,
                          std::int64_t end) {
  Region region = Region::whole(tensor.shape);
  if (time.axis == kNone) return region;
  region.axis[static_cast<std::size_t>(time.axis)] = {static_cast<std::int32_t>(first * time.grain),
                                                      static_cast<std::int32_t>(end * time.grain)};
  return region;
}

/// Calls `visit(offset, count)` for the bytes of element `m` where they lie in one piece.
template <class Visit>
void for_each_bytes(const Tensor &tensor, const stream::TimeAxis &time, std::int64_t m, const Visit &visit) {
  const Layout layout = Layout::whole(tensor);
  for_each_run(time_region(tensor, time, m, m + 1), [&](const auto &at, std::int32_t count) {
    visit(static_cast<std::size_t>(layout.offset(at)),
          static_cast<std::size_t>(count) * size_of(tensor.type));
  });
}

/// Calls `visit(coordinates)` for every element of the region.
template <class Visit>
void for_each_element(const Region &region, const Visit &visit) {
  for_each_run(region, [&](std::array<std::int32_t, kMaxRank> at, std::int32_t count) {
    std::int32_t &last = at[static_cast<std::size_t>(std::max(region.rank, 1) - 1)];
    for (std::int32_t i = 0; i < count; ++i, ++last) visit(at);
  });
}

}  // namespace thimble::test
