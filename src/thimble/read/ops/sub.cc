#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, Sub &sub) {
  const schema::SubOptions *options = nullptr;
  if (!source.options(options) || !source.input_count(2, 2)) return false;
  return options == nullptr || source.activation(options->fused_activation_function(), sub.activation);
}

}  // namespace thimble::tflite::operators
