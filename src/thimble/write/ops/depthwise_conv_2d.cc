#include "thimble/write/ops/filters.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const DepthwiseConv2D &conv) {
  schema::DepthwiseConv2DOptionsT table;
  if (!write_filter(target, conv, table)) return false;
  table.depth_multiplier = conv.depth_multiplier;
  const ElementType type = target.input(0).type;
  const bool dilated = conv.dilation != Step2D{};
  target.version = type == ElementType::int16 ? 5 : type == ElementType::int8 ? 3 : dilated ? 2 : 1;
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
