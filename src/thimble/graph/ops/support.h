// Checks and footprints that several operators share.
#pragma once

#include <initializer_list>
#include <string>

#include "thimble/graph/arithmetic.h"
#include "thimble/graph/rules.h"

namespace thimble::rules {

tl::unexpected<Error> refuse(const Graph &graph, const Op &op, std::string reason, std::string hint = "");

/// Input `i` of the operator, or null when it is absent.
const Tensor *input_or_null(const Graph &graph, const Op &op, std::size_t i);
inline const Tensor &input(const Graph &graph, const Op &op, std::size_t i) {
  return graph.tensor(op.inputs[i]);
}
inline const Tensor &output(const Graph &graph, const Op &op) {
  return graph.tensor(op.output());
}

/// `required` inputs that must be present, and up to `optional` more that may be absent.
Result<void> expect_inputs(const Graph &graph, const Op &op, std::size_t required, std::size_t optional = 0);
Result<void> expect_rank(const Graph &graph, const Op &op, const Tensor &tensor, int rank, const char *what);
/// Element type of the first input, which must be one of `types`, and equal to the output's.
Result<void> expect_types(const Graph &graph, const Op &op, std::initializer_list<ElementType> types);
Result<void> expect_one_scale(const Graph &graph, const Op &op, const Tensor &tensor, const char *what);
/// One scale; for 16-bit data its zero point must be 0.
Result<void> expect_quantized(const Graph &graph, const Op &op, const Tensor &tensor, const char *what);
/// All inputs have the output's type, one of int8, int16, float32; integers are quantised per tensor.
Result<void> expect_arithmetic(const Graph &graph, const Op &op);
Result<void> expect_shift(const Graph &graph, const Op &op, QuantizedMultiplier m,
                          std::int32_t most = kMostLeftShift);
/// Inputs and output of one type, whatever it is: the operator moves elements.
Result<void> expect_same_type(const Graph &graph, const Op &op);

/// A window that slides along one axis.
struct Window {
  std::int32_t size = 1, stride = 1, dilation = 1;
  std::int32_t before = 0, after = 0;  ///< padding
};
/// Number of positions of the window along an axis of the given length. Every position of an accepted window
/// touches at least one element when it is not dilated.
Result<std::int32_t> window_positions(const Graph &graph, const Op &op, const char *axis, std::int32_t length,
                                      const Window &window);
AxisMap window_map(int output_axis, const Window &window);

/// Every axis follows the output's axis of the same number.
Footprint same_footprint(int rank);
/// Of a bias: its last axis follows the output's channels; any axes before have length 1.
Footprint per_channel_footprint(int rank, int output_axis);
/// Footprint of input `input` of an element-wise operator with NumPy broadcasting.
Footprint broadcast_footprint(const Graph &graph, const Op &op, int input);
/// Shape of the output of such an operator with two inputs.
Result<Shape> broadcast_shape(const Graph &graph, const Op &op);

/// Of operators that read element i of an input before they write element i: inputs as large as the output
/// may be overwritten. A broadcast input may not, it is read again.
InPlace element_wise_in_place(const Graph &graph, const Op &op, int input);

/// Weights and bias of CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED: constant, `channels`
/// along `weight_axis`.
Result<void> expect_filter_inputs(const Graph &graph, const Op &op, int weight_rank, int weight_axis,
                                  bool may_compute_weights = false);
Result<void> expect_filter_types(const Graph &graph, const Op &op, int weight_axis);

}  // namespace thimble::rules
