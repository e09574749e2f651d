#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Concatenation &concatenation) {
  schema::ConcatenationOptionsT table;
  table.axis = concatenation.axis;
  table.fused_activation_function = activation_code(concatenation.activation);
  target.version_by_type();
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
