#include "thimble/read/ops/slices.h"

namespace thimble::tflite::operators {

bool resolve_axis(OperatorSource &source, std::size_t of, std::int64_t given, std::size_t &axis) {
  if (source.shape_unsure(of)) return false;
  const int rank = source.input(of).rank();
  if (given < -rank || given >= rank) {
    return source.refuse_damaged(fmt::format("axis {} is not one of its input's {}", given, rank),
                                 source.inputs[of]);
  }
  axis = static_cast<std::size_t>(given < 0 ? given + rank : given);
  return true;
}

StridedSlice slice_along(const Shape &shape, std::size_t axis, const Run &run) {
  StridedSlice slice;
  slice.begin.assign(shape.size(), 0);
  slice.stride.assign(shape.size(), 1);
  slice.extent = shape;
  slice.shrink.assign(shape.size(), false);
  slice.begin[axis] = run.begin;
  slice.stride[axis] = run.stride;
  slice.extent[axis] = run.count;
  return slice;
}

void add_slices(OperatorSource &source, std::size_t input, std::size_t axis,
                const std::vector<std::int64_t> &lengths) {
  const TensorId from = source.inputs[input];
  const Shape shape = source.input(input).shape;
  Run run;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    run.count = static_cast<std::int32_t>(lengths[i]);
    source.parts.push_back({slice_along(shape, axis, run), {from}, source.outputs()[i]});
    run.begin += run.count;
  }
}

}  // namespace thimble::tflite::operators
