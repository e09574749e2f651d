#include <algorithm>

#include "thimble/read/ops/slices.h"

namespace thimble::tflite::operators {

namespace {

/// One length may be -1: what the others leave of the axis.
bool fill_in(std::vector<std::int64_t> &lengths, std::int64_t whole) {
  const auto open = std::find(lengths.begin(), lengths.end(), -1);
  std::int64_t rest = whole;
  for (auto length = lengths.begin(); length != lengths.end(); ++length) {
    if (length == open) continue;
    if (*length < 0 || *length > rest) return false;
    rest -= *length;
  }
  if (open != lengths.end()) {
    *open = rest;
    rest = 0;
  }
  return rest == 0;
}

}  // namespace

/// Inputs: x, the length of each part, axis.
bool read_split_v(OperatorSource &source) {
  std::vector<std::int64_t> lengths, given;
  std::size_t axis = 0;
  const std::size_t outputs = source.outputs().size();
  if (!source.input_count(3, 3) || !source.constant_integers(1, "lengths", outputs, lengths) ||
      !source.constant_integers(2, "axis", 1, given)) {
    return false;
  }
  if (given.empty()) return source.refuse_damaged("its axis is absent");
  if (lengths.size() != outputs) {
    return source.refuse_damaged(
        fmt::format("it has {} outputs but the lengths of {}", outputs, lengths.size()));
  }
  if (!resolve_axis(source, 0, given[0], axis)) return false;
  const std::int32_t whole = source.input(0).shape[axis];
  if (!fill_in(lengths, whole)) {
    return source.refuse_damaged(
        fmt::format("the lengths of its parts do not add up to the {} of dimension {}", whole, axis),
        source.inputs[0]);
  }
  if (std::find(lengths.begin(), lengths.end(), 0) != lengths.end())
    return source.refuse("one of its parts is empty", "leave that part out of the model");
  add_slices(source, 0, axis, lengths);
  return true;
}

}  // namespace thimble::tflite::operators
