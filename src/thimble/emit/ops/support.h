// What several operators' emitters share.
#pragma once

#include <optional>
#include <vector>

#include "thimble/emit/emission.h"
#include "thimble/graph/parameters.h"

namespace thimble::emitters {

/// "s8", "s16", "f32": the ending of the arithmetic kernels' names for a type.
const char *suffix_of(ElementType type);

/// The struct thimble_window, nested in a parameter struct.
Fields window_fields(const Tensor &input, const Tensor &output, Step2D filter, Step2D stride, Step2D dilation,
                     const Padding2D &padding);

/// Weights, bias and scaling of a convolution or dense layer: the fields at the end of their parameter
/// structs. `fold_input`: the input's zero point goes into the bias, for kernels that have no input_offset.
void set_filter_fields(OpEmission &emission, Fields &fields, bool fold_input);

/// Two inputs walked together by NumPy's broadcasting rules, neighbouring axes joined where both go on
/// without a gap.
Fields broadcast_fields(const Shape &a, const Shape &b, const Shape &output);

/// Extents and strides of at most six axes as the struct thimble_walk; axes of one element are dropped and
/// neighbouring ones joined.
struct WalkAxis {
  std::int32_t extent = 1, stride_a = 0, stride_b = 0;
};
Fields walk_fields(const std::vector<WalkAxis> &axes, int nested);

/// Row-major strides in elements.
std::vector<std::int32_t> strides_of(const Shape &shape);

/// Copies elements by a walk: `thimble_copy_<bits>`.
void emit_copy(OpEmission &emission, const std::vector<WalkAxis> &axes, std::size_t input,
               std::int64_t source_element, std::int64_t destination_element);

}  // namespace thimble::emitters
