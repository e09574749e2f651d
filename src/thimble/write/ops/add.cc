#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Add &add) {
  schema::AddOptionsT table;
  table.fused_activation_function = activation_code(add.activation);
  target.version_by_type();
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
