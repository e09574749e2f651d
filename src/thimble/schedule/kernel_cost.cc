#include "thimble/schedule/kernel_cost.h"

namespace thimble {

std::int64_t kernel_instructions(const Graph &graph, const Op &op, const KernelVariant &variant,
                                 TileSize size) {
  const Tensor &weights = graph.tensor(op.inputs[1]);
  const std::int64_t depth = packed_depth(graph, op);
  const bool dense = !op.is<Conv2D>() || is_dense(graph, op);
  const std::int64_t pixel = dense ? 15 : 70;
  const std::int64_t rows = dense ? 1 : weights.shape[1];
  const std::int64_t call = dense ? 60 : 120;
  if (!variant.packing) return call + size.pixels * (pixel + size.channels * (40 + depth * 9 / 4));
  if (*variant.packing == FilterPacking::octets) {
    const std::int64_t groups = (size.channels + 7) / 8;
    const std::int64_t last = size.channels % 8 != 0 ? 60 : 0;
    const std::int64_t group = 62 + 5 * rows + depth / 4 * 31;
    return call + size.pixels * (pixel + 40 + 20 * rows + last + groups * group);
  }
  const bool wide = *variant.packing == FilterPacking::wide;
  const std::int64_t groups = (size.channels + 3) / 4;
  const std::int64_t last = size.channels % 4 != 0 ? 70 : 0;
  const std::int64_t group = wide ? 54 + depth / 2 * 11 : 66 + depth / 2 * 12;
  const std::int64_t gather = pixel + 10 * rows + depth * 13 / 10;
  return call + size.pixels * gather + (size.pixels + 1) / 2 * (50 + last + groups * group);
}

}  // namespace thimble
