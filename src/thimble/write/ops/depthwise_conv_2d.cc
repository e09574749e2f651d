#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const DepthwiseConv2D &conv) {
  schema::DepthwiseConv2DOptionsT table;
  const Tensor &x = target.input(0), &weights = target.input(1);
  if (!target.pad(conv.padding, {weights.shape[1], weights.shape[2]}, conv.stride, conv.dilation, true,
                  table.padding)) {
    return false;
  }
  table.stride_h = conv.stride.rows;
  table.stride_w = conv.stride.columns;
  table.dilation_h_factor = conv.dilation.rows;
  table.dilation_w_factor = conv.dilation.columns;
  table.depth_multiplier = conv.depth_multiplier;
  table.fused_activation_function = activation_code(conv.activation);
  const bool dilated = conv.dilation != Step2D{};
  target.version = x.type == ElementType::int16 ? 5 : x.type == ElementType::int8 ? 3 : dilated ? 2 : 1;
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
