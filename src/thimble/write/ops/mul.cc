#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Mul &mul) {
  schema::MulOptionsT table;
  table.fused_activation_function = activation_code(mul.activation);
  const ElementType type = target.input(0).type;
  const auto scale = [](const Tensor &tensor) { return tensor.quantization.scale(); };
  const float out = scale(target.output());
  const bool large = out > 0 && scale(target.input(0)) * scale(target.input(1)) / out >= 1.0f;
  target.version = type == ElementType::int16 ? 4 : large ? 3 : type == ElementType::int8 ? 2 : 1;
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
