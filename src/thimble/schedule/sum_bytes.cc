#include "thimble/schedule/sum_bytes.h"

#include "thimble/graph/sum_limits.h"
#include "thimble/schedule/variant.h"

namespace thimble {

std::int32_t full_sum_bytes(const Graph &graph, const Op &op) {
  return size_of(accumulator_type(graph, op));
}

std::int32_t least_sum_bytes(const Graph &graph, const Op &op) {
  const std::int32_t full = full_sum_bytes(graph, op);
  const auto sums = partial_sum_limits(graph, op);
  for (const std::int32_t bytes : {2, 3}) {
    const std::int64_t limit = std::int64_t{1} << (8 * bytes - 1);
    if (sums && bytes < full && -limit <= sums->least && sums->most < limit) return bytes;
  }
  return full;
}

std::int32_t sum_bytes(const Graph &graph, const Stage &stage) {
  return stage.sum_bytes > 0 ? stage.sum_bytes : full_sum_bytes(graph, graph.op(stage.ops.back().op));
}

}  // namespace thimble
