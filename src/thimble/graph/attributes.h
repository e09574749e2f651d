// The operators: one struct of attributes per kind. The file's constant side inputs (axes, paddings,
// permutations, shapes) are absorbed here by the reader, so that an operator's inputs are data only.
//
// To add an operator, see docs/adding-an-operator.md; its one row is in op_list.h.
#pragma once

#include <cstdint>
#include <vector>

namespace thimble {

enum class Activation : std::uint8_t { none, relu, relu_n1_to_1, relu6 };

/// Rows and columns of padding before and after, in input pixels. Padding elements are the zero point.
struct Padding2D {
  std::int32_t top = 0, bottom = 0, left = 0, right = 0;
  bool operator==(const Padding2D &) const = default;
};

struct Step2D {
  std::int32_t rows = 1, columns = 1;
  bool operator==(const Step2D &) const = default;
};

/// Arrival of a network input: no inputs, one output. Its firings are the caller handing data in.
struct Input {
  bool operator==(const Input &) const = default;
};

/// Inputs: x [n,h,w,ci], weights [co,kh,kw,ci/groups], bias [co] or absent (-1). Output [n,oh,ow,co].
struct Conv2D {
  Step2D stride, dilation;
  Padding2D padding;
  Activation activation = Activation::none;
  bool operator==(const Conv2D &) const = default;
};

/// Inputs: x [n,h,w,c], weights [1,kh,kw,c*depth_multiplier], bias or absent. Channel c*m+j reads channel c.
struct DepthwiseConv2D {
  Step2D stride, dilation;
  Padding2D padding;
  std::int32_t depth_multiplier = 1;
  Activation activation = Activation::none;
  bool operator==(const DepthwiseConv2D &) const = default;
};

/// Inputs: x (rows of `in` features after flattening), weights [out, in], bias or absent.
struct FullyConnected {
  bool keep_dims = false;  ///< output keeps x's leading axes instead of being [batch, out]
  Activation activation = Activation::none;
  bool operator==(const FullyConnected &) const = default;
};

/// Average over the taps inside the map: padding is not counted.
struct AveragePool2D {
  Step2D filter, stride;
  Padding2D padding;
  Activation activation = Activation::none;
  bool operator==(const AveragePool2D &) const = default;
};

struct MaxPool2D {
  Step2D filter, stride;
  Padding2D padding;
  Activation activation = Activation::none;
  bool operator==(const MaxPool2D &) const = default;
};

/// Element-wise with NumPy broadcasting.
struct Add {
  Activation activation = Activation::none;
  bool operator==(const Add &) const = default;
};
struct Sub {
  Activation activation = Activation::none;
  bool operator==(const Sub &) const = default;
};
struct Mul {
  Activation activation = Activation::none;
  bool operator==(const Mul &) const = default;
};

/// Over the last axis.
struct Softmax {
  float beta = 1.0f;
  bool operator==(const Softmax &) const = default;
};

struct Logistic {
  bool operator==(const Logistic &) const = default;
};

/// y = x above zero, alpha * x below.
struct LeakyRelu {
  float alpha = 0.0f;
  bool operator==(const LeakyRelu &) const = default;
};

/// Same bytes under another shape (the output tensor's).
struct Reshape {
  static constexpr bool moves_elements = true;
  bool operator==(const Reshape &) const = default;
};

/// Mean over `axes` (ascending, within the input's rank). A moving one is taken of `window` indices of the
/// first axis from each place on, which the output keeps as it keeps all axes: streams make it of a mean over
/// all of time.
struct Mean {
  std::vector<std::int32_t> axes;
  bool keep_dims = false;
  std::int32_t window = 0;  ///< 0: of all indices
  bool operator==(const Mean &) const = default;
};

/// Elements before and after, per axis of the input. The pad value is the output's zero point (0 for float).
struct Pad {
  static constexpr bool moves_elements = true;
  std::vector<std::int32_t> before, after;
  bool operator==(const Pad &) const = default;
};

/// float32 -> integer, or integer -> integer with other parameters.
struct Quantize {
  bool operator==(const Quantize &) const = default;
};
/// integer -> float32.
struct Dequantize {
  bool operator==(const Dequantize &) const = default;
};

/// Output element o of input axis a is element begin[a] + o * stride[a]; axes in `shrink` are dropped.
struct StridedSlice {
  static constexpr bool moves_elements = true;
  std::vector<std::int32_t> begin, stride;  ///< per input axis, begin within it, stride never 0
  std::vector<std::int32_t> extent;         ///< output length per input axis
  std::vector<bool> shrink;                 ///< per input axis: has length 1 and is dropped
  bool operator==(const StridedSlice &) const = default;
};

/// Along `axis` (non-negative).
struct Concatenation {
  static constexpr bool moves_elements = true;
  std::int32_t axis = 0;
  Activation activation = Activation::none;
  bool operator==(const Concatenation &) const = default;
};

/// Output axis i is input axis permutation[i].
struct Transpose {
  static constexpr bool moves_elements = true;
  std::vector<std::int32_t> permutation;
  bool operator==(const Transpose &) const = default;
};

/// Rows and columns of [n,h,w,c] repeated or dropped.
struct ResizeNearestNeighbor {
  static constexpr bool moves_elements = true;
  bool align_corners = false;
  bool half_pixel_centers = false;
  bool operator==(const ResizeNearestNeighbor &) const = default;
};

/// The memory of an SVDF after an inference: each filter's products with the last inputs, oldest first.
/// Inputs: x [n,features], weights [filters,features], the memory before, [n,filters*length]. Output
/// [n,filters*length].
struct SvdfState {
  bool operator==(const SvdfState &) const = default;
};

/// Filters over time, `rank` of which are summed into one output. Inputs: memory [n,filters*length], weights
/// [filters,length], bias [units] or absent. Output [n,units], units = filters / rank.
struct Svdf {
  std::int32_t rank = 1;
  Activation activation = Activation::none;
  bool operator==(const Svdf &) const = default;
};

/// All that an LSTM remembers and all but the last step to its outputs. Of sequences x [n,steps,features], or
/// [steps,n,features] with time_major, the output [n,steps,2*units] (likewise) holds, for each step, the new
/// cells and behind them the output gates. Inputs: x; weights of x [units,features] for the gates input,
/// forget, cell and output; weights of the outputs before [units,units] for the same; biases [units]; the
/// outputs and the cells before the first step, [n,units] each.
struct LstmCells {
  bool time_major = false;
  float clip = 0.0f;  ///< of cells, to [-clip, clip]; 0: none
  bool operator==(const LstmCells &) const = default;
};

/// The outputs of an LSTM: y = gate * tanh(cell), from the above.
struct LstmOutput {
  bool operator==(const LstmOutput &) const = default;
};

/// Each input pixel spreads over a window of the output; a convolution from output to input, turned around.
/// Inputs: x [n,h,w,ci], weights [co,kh,kw,ci], bias [co] or absent. Output [n,oh,ow,co], of a size that is
/// the output tensor's: row r*stride - padding.top + i gets row r of x times row i of the filter.
struct TransposeConv {
  Step2D stride;
  Padding2D padding;  ///< of the output; only what lies before counts
  Activation activation = Activation::none;
  bool operator==(const TransposeConv &) const = default;
};

/// How CONV_PART reads sums: output row r adds row floor((num.rows * r + offset_rows) / den.rows) of them,
/// columns likewise; nothing where that lies outside.
struct SumMap {
  Step2D num, den;
  std::int32_t offset_rows = 0, offset_columns = 0;
  bool operator==(const SumMap &) const = default;
};

/// A part of a CONV_2D or DEPTHWISE_CONV_2D of int8 data: some of its taps, and sums of what other parts have
/// added up. Inputs: x and weights as of CONV_2D with one group (depth_multiplier 0), else as of
/// DEPTHWISE_CONV_2D; bias or absent (-1); int32 sums, one for each of `sums`, with the output's channels.
/// The output is int32, which is a sum itself, or int8, to which the sum is scaled. No file has it; streams
/// make it.
struct ConvPart {
  Step2D stride, dilation;
  Padding2D padding;  ///< negative: rows or columns of x that the first (last) window does not reach
  std::int32_t depth_multiplier = 0;
  std::vector<SumMap> sums;  ///< at most kMostSums
  Activation activation = Activation::none;
  bool operator==(const ConvPart &) const = default;
};
constexpr std::size_t kMostSums = 4;

/// Any function of one byte: element by element, y = table[x], bytes taken as unsigned. No file has it;
/// passes make it.
struct Lookup {
  std::vector<std::uint8_t> table;  ///< 256 results
  bool operator==(const Lookup &) const = default;
};

}  // namespace thimble
