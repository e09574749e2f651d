// What SPLIT, SPLIT_V and GATHER are made of: STRIDED_SLICE along one axis.
#pragma once

#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

/// Elements begin, begin + stride, ...: `count` of them.
struct Run {
  std::int32_t begin = 0, count = 1, stride = 1;
};

/// An axis of input `of` that the file counts from the front or, if negative, from the back. False when there
/// is none such, or the input's shape is not known for sure.
bool resolve_axis(OperatorSource &source, std::size_t of, std::int64_t given, std::size_t &axis);

/// The run along the axis, all of the others.
StridedSlice slice_along(const Shape &shape, std::size_t axis, const Run &run);

/// One slice per output, one after the other; they must fill the axis.
void add_slices(OperatorSource &source, std::size_t input, std::size_t axis,
                const std::vector<std::int64_t> &lengths);

}  // namespace thimble::tflite::operators
