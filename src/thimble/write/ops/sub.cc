#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Sub &sub) {
  schema::SubOptionsT table;
  table.fused_activation_function = activation_code(sub.activation);
  // The operator has had no version of its own for int8.
  target.version = target.input(0).type == ElementType::int16 ? 5 : 2;
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
