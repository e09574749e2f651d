#include <algorithm>
#include <limits>

#include "thimble/graph/ops/support.h"

namespace thimble::rules {

Result<Shape> output_shape(const Concatenation &concatenation, const Graph &graph, const Op &op) {
  if (op.inputs.empty()) return refuse(graph, op, "has no inputs");
  if (auto ok = expect_inputs(graph, op, op.inputs.size()); !ok) return tl::unexpected(ok.error());
  Shape shape = input(graph, op, 0).shape;
  if (concatenation.axis < 0 || concatenation.axis >= static_cast<std::int32_t>(shape.size())) {
    return refuse(graph, op,
                  "joins along axis " + std::to_string(concatenation.axis) + ", which does not exist");
  }
  const std::size_t axis = static_cast<std::size_t>(concatenation.axis);
  std::int64_t length = 0;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    Shape other = input(graph, op, i).shape;
    if (other.size() != shape.size()) return refuse(graph, op, "joins inputs of different rank");
    length += other[axis];
    other[axis] = shape[axis];
    if (other != shape) {
      return refuse(graph, op, "joins inputs that differ along other axes than " + std::to_string(axis));
    }
  }
  if (length > std::numeric_limits<std::int32_t>::max()) return refuse(graph, op, "has a too long output");
  shape[axis] = static_cast<std::int32_t>(length);
  return shape;
}

Result<void> check_types(const Concatenation &concatenation, const Graph &graph, const Op &op) {
  if (concatenation.activation != Activation::none) {
    return refuse(graph, op, "has a fused activation", "put the activation behind it");
  }
  return expect_same_type(graph, op);
}

Footprint footprint(const Concatenation &concatenation, const Graph &graph, const Op &op, int index) {
  Footprint maps = same_footprint(output(graph, op).rank());
  const std::size_t axis = static_cast<std::size_t>(concatenation.axis);
  for (int i = 0; i < index; ++i) {
    maps[axis].offset -= input(graph, op, static_cast<std::size_t>(i)).shape[axis];
  }
  return maps;
}

std::int64_t macs(const Concatenation &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

/// The first input is copied first. Where nothing lies outside the axis it is the beginning of the output.
InPlace in_place(const Concatenation &concatenation, const Graph &graph, const Op &op, int index) {
  const Shape &shape = output(graph, op).shape;
  const bool outermost = std::all_of(shape.begin(), shape.begin() + concatenation.axis,
                                     [](std::int32_t length) { return length == 1; });
  return index == 0 && outermost ? InPlace::moving : InPlace::no;
}

}  // namespace thimble::rules
