#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const FullyConnected &dense) {
  schema::FullyConnectedOptionsT table;
  table.keep_num_dims = dense.keep_dims;
  table.fused_activation_function = activation_code(dense.activation);
  const ElementType type = target.input(0).type;
  target.version = type == ElementType::int16 ? 7 : dense.keep_dims ? 5 : type == ElementType::int8 ? 4 : 1;
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
