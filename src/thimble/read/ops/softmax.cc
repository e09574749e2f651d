#include <cmath>

#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, Softmax &softmax) {
  const schema::SoftmaxOptions *options = nullptr;
  if (!source.required_options(options) || !source.input_count(1, 1)) return false;
  softmax.beta = options->beta();
  if (std::isfinite(softmax.beta) && softmax.beta > 0.0f) return true;
  return source.refuse_damaged(
      fmt::format("its beta is {}, which is not a positive finite number", softmax.beta));
}

}  // namespace thimble::tflite::operators
