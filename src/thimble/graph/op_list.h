// The table of operators: one row per kind.
#pragma once

#include <variant>

#include "thimble/graph/attributes.h"

/// X(struct, TensorFlow Lite name; our own for LOOKUP and parts of operators): expands once per operator.
/// Every layer that has something to say about each operator declares one overload per row, so a missing one
/// is an error of the linker, not of the user.
#define THIMBLE_OPS(X)                                \
  X(Input, "INPUT")                                   \
  X(Conv2D, "CONV_2D")                                \
  X(DepthwiseConv2D, "DEPTHWISE_CONV_2D")             \
  X(FullyConnected, "FULLY_CONNECTED")                \
  X(AveragePool2D, "AVERAGE_POOL_2D")                 \
  X(MaxPool2D, "MAX_POOL_2D")                         \
  X(Add, "ADD")                                       \
  X(Sub, "SUB")                                       \
  X(Mul, "MUL")                                       \
  X(Softmax, "SOFTMAX")                               \
  X(Logistic, "LOGISTIC")                             \
  X(LeakyRelu, "LEAKY_RELU")                          \
  X(Reshape, "RESHAPE")                               \
  X(Mean, "MEAN")                                     \
  X(Pad, "PAD")                                       \
  X(Quantize, "QUANTIZE")                             \
  X(Dequantize, "DEQUANTIZE")                         \
  X(StridedSlice, "STRIDED_SLICE")                    \
  X(Concatenation, "CONCATENATION")                   \
  X(Transpose, "TRANSPOSE")                           \
  X(SvdfState, "SVDF_STATE")                          \
  X(Svdf, "SVDF")                                     \
  X(LstmCells, "LSTM_CELLS")                          \
  X(LstmOutput, "LSTM_OUTPUT")                        \
  X(TransposeConv, "TRANSPOSE_CONV")                  \
  X(ResizeNearestNeighbor, "RESIZE_NEAREST_NEIGHBOR") \
  X(Lookup, "LOOKUP")                                 \
  X(ConvPart, "CONV_PART")

namespace thimble {

namespace detail {
template <class First, class... Rest>
struct DropFirst {
  using type = std::variant<Rest...>;
};
struct ListHead {};
#define THIMBLE_ALTERNATIVE(Struct, name) , Struct
using Attributes = DropFirst<ListHead THIMBLE_OPS(THIMBLE_ALTERNATIVE)>::type;
#undef THIMBLE_ALTERNATIVE
}  // namespace detail

/// The attributes of one operator; the alternative is its kind.
using Attributes = detail::Attributes;

}  // namespace thimble
