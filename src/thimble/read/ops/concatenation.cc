#include <limits>

#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, Concatenation &concatenation) {
  const schema::ConcatenationOptions *options = nullptr;
  if (!source.required_options(options) || !source.input_count(1, std::numeric_limits<std::size_t>::max())) {
    return false;
  }
  for (std::size_t i = 0; i < source.inputs.size(); ++i) {
    if (!source.has_input(i)) return source.refuse_damaged(fmt::format("its input {} is absent", i));
  }
  const int rank = source.input(0).rank();
  const std::int32_t axis = options->axis();
  if (axis < -rank || axis >= rank) {
    return source.refuse_damaged(fmt::format("axis {} is not one of its input's {}", axis, rank),
                                 source.inputs[0]);
  }
  concatenation.axis = axis < 0 ? axis + rank : axis;
  return source.activation(options->fused_activation_function(), concatenation.activation);
}

}  // namespace thimble::tflite::operators
