#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, Add &add) {
  const schema::AddOptions *options = nullptr;
  if (!source.options(options) || !source.input_count(2, 2)) return false;
  return options == nullptr || source.activation(options->fused_activation_function(), add.activation);
}

}  // namespace thimble::tflite::operators
