#include "thimble/schedule/kernel_cost.h"

namespace thimble {

std::int64_t kernel_instructions(const Graph &graph, const Op &op, const KernelVariant &variant,
                                 TileSize size) {
  const Tensor &weights = graph.tensor(op.inputs[1]);
  if (op.is<DepthwiseConv2D>()) {
    const std::int64_t taps = std::int64_t{weights.shape[1]} * weights.shape[2];
    if (!variant.packing) return 120 + size.pixels * (80 + size.channels * (40 + 5 * taps));
    if (variant.strip > 0) {
      const std::int32_t outputs = strip_outputs(variant, graph.tensor(op.output()));
      const std::int64_t strips = size.pixels / size.columns * ((size.columns + outputs - 1) / outputs);
      const std::int64_t fill = 3 * (30 + strip_plane_words(op, outputs) / 3 * 13);
      const std::int64_t scales = op.as<DepthwiseConv2D>().stride.columns == 1 ? 56 : 64;
      return 100 + strips * (20 + (size.channels + 3) / 4 * (60 + fill + 4 * (22 + outputs / 4 * scales)));
    }
    return 120 + size.pixels * (80 + 7 * taps + (size.channels + 3) / 4 * (35 + 7 * taps));
  }
  const std::int64_t depth = packed_depth(graph, op);
  const bool dense = !op.is<Conv2D>() || is_dense(graph, op);
  const std::int64_t pixel = dense ? 15 : 70;
  const std::int64_t rows = dense ? 1 : weights.shape[1];
  const std::int64_t call = dense ? 60 : 120;
  if (!variant.packing) return call + size.pixels * (pixel + size.channels * (40 + depth * 9 / 4));
  const bool wide = is_wide(*variant.packing);
  if (group_channels(*variant.packing) == 8) {
    const std::int64_t groups = (size.channels + 7) / 8;
    const std::int64_t last = size.channels % 8 != 0 ? 60 : 0;
    const std::int64_t group = 5 * rows + (wide ? 50 + depth / 4 * 27 : 62 + depth / 4 * 31);
    return call + size.pixels * (pixel + 40 + 20 * rows + last + groups * group);
  }
  const std::int64_t groups = (size.channels + 3) / 4;
  const std::int64_t last = size.channels % 4 != 0 ? 70 : 0;
  const std::int64_t group = wide ? 54 + depth / 2 * 11 : 66 + depth / 2 * 12;
  const std::int64_t gather = pixel + 10 * rows + depth * 13 / 10;
  return call + size.pixels * gather + (size.pixels + 1) / 2 * (50 + last + groups * group);
}

}  // namespace thimble
