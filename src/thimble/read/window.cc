#include "thimble/read/window.h"

#include <algorithm>
#include <limits>

namespace thimble::tflite {

namespace {

bool pad_axis(OperatorSource &source, schema::Padding padding, const char *name, const WindowAxis &axis,
              std::int32_t &before, std::int32_t &after) {
  if (axis.filter < 1 || axis.stride < 1 || axis.dilation < 1) {
    return source.refuse_damaged(
        fmt::format("along {} its filter is {}, its stride {} and its dilation {}; each must be at least 1",
                    name, axis.filter, axis.stride, axis.dilation));
  }
  const std::int64_t input = axis.input;
  const std::int64_t extent = (std::int64_t{axis.filter} - 1) * axis.dilation + 1;
  if (extent > std::numeric_limits<std::int32_t>::max() / 2) {
    return source.refuse_damaged(fmt::format("its filter spans {} {}", extent, name));
  }
  if (padding == schema::Padding::VALID) {
    if (extent > input) {
      return source.refuse_damaged(
          fmt::format("its filter spans {} {}, but its input has {} and no padding", extent, name, input));
    }
    before = after = 0;
    return true;
  }
  const std::int64_t output = (input + axis.stride - 1) / axis.stride;
  const std::int64_t total = std::max<std::int64_t>((output - 1) * axis.stride + extent - input, 0);
  before = static_cast<std::int32_t>(total / 2);
  after = static_cast<std::int32_t>(total - total / 2);
  return true;
}

}  // namespace

bool explicit_padding(OperatorSource &source, schema::Padding padding, const WindowAxis &rows,
                      const WindowAxis &columns, Padding2D &result) {
  if (padding != schema::Padding::SAME && padding != schema::Padding::VALID) {
    return source.refuse_damaged(
        fmt::format("its padding is number {}, which does not exist", static_cast<int>(padding)));
  }
  return pad_axis(source, padding, "rows", rows, result.top, result.bottom) &&
         pad_axis(source, padding, "columns", columns, result.left, result.right);
}

bool weighted_inputs(OperatorSource &source, bool may_compute_weights) {
  if (!source.input_count(2, 3)) return false;
  if (source.inputs.size() == 2) source.inputs.push_back(kNone);
  const ElementType data = source.input(0).type, weights = source.input(1).type;
  if (data == ElementType::float32 && is_integer(weights)) {
    return source.refuse(
        fmt::format("its data are float32 but its weights {} (a hybrid, dynamic-range quantised model)",
                    name_of(weights)),
        "quantise data and weights to int8 with a representative data set, or keep both in float32",
        source.inputs[1]);
  }
  for (std::size_t i = 1; i < 3; ++i) {
    const bool may_compute = i == 1 && may_compute_weights && data == ElementType::float32;
    if (may_compute && !source.make_constant(i)) continue;
    if (source.has_input(i) && !source.require_constant(i, i == 1 ? "weights" : "biases")) return false;
  }
  return true;
}

}  // namespace thimble::tflite
