#include "thimble/read/window.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, FullyConnected &dense) {
  const schema::FullyConnectedOptions *options = nullptr;
  if (!source.required_options(options) || !weighted_inputs(source, true)) return false;
  if (options->weights_format() != schema::WeightsFormat::DEFAULT) {
    return source.refuse("its weights are stored in a shuffled format, which is not supported",
                         "export the model with the default weights format", source.inputs[1]);
  }
  dense.keep_dims = options->keep_num_dims();
  return source.activation(options->fused_activation_function(), dense.activation);
}

}  // namespace thimble::tflite::operators
