#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Conv2D &conv) {
  schema::Conv2DOptionsT table;
  const Tensor &x = target.input(0), &weights = target.input(1);
  if (!target.pad(conv.padding, {weights.shape[1], weights.shape[2]}, conv.stride, conv.dilation, true,
                  table.padding)) {
    return false;
  }
  table.stride_h = conv.stride.rows;
  table.stride_w = conv.stride.columns;
  table.dilation_h_factor = conv.dilation.rows;
  table.dilation_w_factor = conv.dilation.columns;
  table.fused_activation_function = activation_code(conv.activation);
  const bool grouped = x.shape[3] != weights.shape[3];
  target.version = grouped ? 6 : x.type == ElementType::int16 ? 4 : x.type == ElementType::int8 ? 3 : 1;
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
