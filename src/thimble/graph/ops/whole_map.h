// Global pooling as files write it: a window of the size of the map.
#pragma once

#include "thimble/graph/tensor.h"

namespace thimble {

/// Whether the only window of the pool holds the whole map [n, rows, columns, channels].
template <class Pool>
bool pools_whole_map(const Pool &pool, const Shape &map) {
  const auto covers = [](std::int32_t filter, std::int32_t stride, std::int32_t before, std::int32_t after,
                         std::int32_t length) {
    const bool single = length + before + after - filter < stride;
    return single && before >= 0 && filter - before >= length;
  };
  return covers(pool.filter.rows, pool.stride.rows, pool.padding.top, pool.padding.bottom, map[1]) &&
         covers(pool.filter.columns, pool.stride.columns, pool.padding.left, pool.padding.right, map[2]);
}

}  // namespace thimble
