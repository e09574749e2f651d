#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

// The second half of the file's operator (stateful_operators.h).
bool read(OperatorSource &source, Svdf &svdf) {
  const schema::SVDFOptions *options = nullptr;
  if (!source.required_options(options) || !source.input_count(2, 3)) return false;
  if (!source.require_constant(1, "weights over time")) return false;
  if (source.has_input(2) && !source.require_constant(2, "biases")) return false;
  svdf.rank = options->rank();
  if (!source.activation(options->fused_activation_function(), svdf.activation)) return false;
  // On integers the reference clamps to the type alone; converters choose the output's range to fit.
  if (is_integer(source.output().type)) svdf.activation = Activation::none;
  return true;
}

}  // namespace thimble::tflite::operators
