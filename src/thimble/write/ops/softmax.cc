#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Softmax &softmax) {
  schema::SoftmaxOptionsT table;
  table.beta = softmax.beta;
  target.version_by_type();
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
