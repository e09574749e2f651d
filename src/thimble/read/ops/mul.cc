#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, Mul &mul) {
  const schema::MulOptions *options = nullptr;
  if (!source.options(options) || !source.input_count(2, 2)) return false;
  return options == nullptr || source.activation(options->fused_activation_function(), mul.activation);
}

}  // namespace thimble::tflite::operators
