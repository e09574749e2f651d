#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const ResizeNearestNeighbor &resize, OpEmission &emission) {
  const Tensor &x = emission.input(0);
  const Tensor &y = emission.output();
  Access from = Access::same(emission.source(0), emission.source_layout(0));
  const auto look_up = [&](std::size_t axis, const char *suffix, const char *what) {
    ArrayIndex &index = from.index[axis];
    for (std::int32_t o = 0; o < y.shape[axis]; ++o)
      index.table.push_back(nearest_source(resize, x.shape[axis], y.shape[axis], o));
    index.table_symbol = emission.table<std::int32_t>(suffix, index.table, what);
  };
  look_up(1, "rows", "input row of each output row");
  look_up(2, "columns", "input column of each output column");
  emit_copy(emission, emission.box(), from);
  return {};
}

}  // namespace thimble::emitters
