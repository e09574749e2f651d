#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const LeakyRelu &leaky) {
  schema::LeakyReluOptionsT table;
  table.alpha = leaky.alpha;
  // The operator has had no version of its own for int8.
  target.version = target.input(0).type == ElementType::int16 ? 2 : 1;
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
