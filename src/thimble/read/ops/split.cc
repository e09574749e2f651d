#include "thimble/read/ops/slices.h"

namespace thimble::tflite::operators {

/// Inputs: axis, x. As many parts of one length as there are outputs.
bool read_split(OperatorSource &source) {
  std::vector<std::int64_t> given;
  std::size_t axis = 0;
  if (!source.input_count(2, 2) || !source.constant_integers(0, "axis", 1, given)) return false;
  if (given.empty()) return source.refuse_damaged("its axis is absent");
  if (!resolve_axis(source, 1, given[0], axis)) return false;
  const std::int64_t length = source.input(1).shape[axis];
  const auto parts = static_cast<std::int64_t>(source.outputs().size());
  if (length % parts != 0) {
    return source.refuse_damaged(
        fmt::format("it cuts dimension {} of {} into {} parts, which leaves a rest", axis, length, parts),
        source.inputs[1]);
  }
  add_slices(source, 1, axis, std::vector(source.outputs().size(), length / parts));
  return true;
}

}  // namespace thimble::tflite::operators
