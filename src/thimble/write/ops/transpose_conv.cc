#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const TransposeConv &conv) {
  schema::TransposeConvOptionsT table;
  const Shape &weights = target.input(1).shape;
  table.padding = schema::Padding::VALID;
  if (conv.padding.top != 0 || conv.padding.left != 0) {
    // SAME is that of a convolution from the output to the input; what lies behind does not count.
    const Padding2D same =
        same_padding(target.output().shape, {weights[1], weights[2]}, conv.stride, Step2D{});
    if (same.top != conv.padding.top || same.left != conv.padding.left)
      return target.refuse(
          "has padding that is neither SAME nor VALID, which a file cannot say of this operator");
    table.padding = schema::Padding::SAME;
  }
  table.stride_h = conv.stride.rows;
  table.stride_w = conv.stride.columns;
  table.fused_activation_function = activation_code(conv.activation);
  const std::vector<std::int32_t> given = std::move(target.inputs);
  target.inputs.clear();
  target.add_integers("shape", target.output().shape);
  target.inputs.push_back(given[1]);
  target.inputs.push_back(given[0]);
  const bool bias = given.size() > 2 && given[2] != kNone;
  if (bias) target.inputs.push_back(given[2]);
  target.version = conv.activation != Activation::none         ? 4
                   : bias                                      ? 3
                   : target.input(0).type == ElementType::int8 ? 2
                                                               : 1;
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
