#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, LeakyRelu &leaky) {
  const schema::LeakyReluOptions *options = nullptr;
  if (!source.required_options(options) || !source.input_count(1, 1)) return false;
  leaky.alpha = options->alpha();
  return true;
}

}  // namespace thimble::tflite::operators
