#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Reshape &) {
  schema::ReshapeOptionsT table;
  table.new_shape = target.output().shape;
  target.add_integers("shape", table.new_shape);
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
