#include "thimble/write/ops/filters.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Conv2D &conv) {
  schema::Conv2DOptionsT table;
  if (!write_filter(target, conv, table)) return false;
  const Tensor &x = target.input(0), &weights = target.input(1);
  const bool grouped = x.shape[3] != weights.shape[3];
  target.version = grouped ? 6 : x.type == ElementType::int16 ? 4 : x.type == ElementType::int8 ? 3 : 1;
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
