#include <algorithm>

#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, Mean &mean) {
  const schema::ReducerOptions *options = nullptr;
  std::vector<std::int64_t> axes;
  if (!source.options(options) || !source.input_count(2, 2) ||
      !source.constant_integers(1, "axes", 2 * kMaxRank, axes)) {
    return false;
  }
  const int rank = source.input(0).rank();
  for (const std::int64_t axis : axes) {
    if (axis < -rank || axis >= rank) {
      return source.refuse_damaged(fmt::format("axis {} is not one of its input's {}", axis, rank),
                                   source.inputs[0]);
    }
    mean.axes.push_back(static_cast<std::int32_t>(axis < 0 ? axis + rank : axis));
  }
  if (mean.axes.empty()) return source.refuse_damaged("it has no axes to reduce", source.inputs[1]);
  std::sort(mean.axes.begin(), mean.axes.end());
  mean.axes.erase(std::unique(mean.axes.begin(), mean.axes.end()), mean.axes.end());
  mean.keep_dims = options != nullptr && options->keep_dims();
  source.inputs.resize(1);
  return true;
}

}  // namespace thimble::tflite::operators
