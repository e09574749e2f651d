// Private to the layer: tensors as bundles of channels, along their last axis, and which channels of an
// operator's input a channel of its output is made of.
#pragma once

#include <optional>

#include "thimble/graph/graph.h"

namespace thimble {

/// Length of the last axis; 1 for a scalar.
inline std::int32_t channel_count(const Tensor &tensor) {
  return tensor.shape.empty() ? 1 : tensor.shape.back();
}

/// Whether somebody computes the tensor from 8- or 16-bit integers that have one scale: only such tensors
/// have ranges and lose channels by value.
bool is_quantized_data(const Tensor &tensor);

/// For each output channel the only channel of input `input` that it reads, kNone where it reads none of them
/// (the other branch of a concatenation). Empty when channels of the output depend on several channels of
/// the input, or on places along other axes that follow the output's channels.
///
///   MAX_POOL_2D                  0 1 2 3
///   DEPTHWISE_CONV_2D, 2 each    0 0 1 1
///   RESHAPE [1,2,1,3] -> [1,6]   0 1 2 0 1 2
///   CONCATENATION, second input  - - - 0 1
std::vector<std::int32_t> channel_map(const Graph &graph, const Op &op, std::size_t input);

/// A convolution of one group or a dense layer over integers, as outputs x taps x channels of weights: the
/// operators that sum over the channels of their input. FULLY_CONNECTED over a flattened map has one tap per
/// pixel.
struct ChannelSum {
  const std::int8_t *weights = nullptr;  ///< [outputs][taps][channels]
  std::int32_t outputs = 0, taps = 0, channels = 0;
  std::vector<bool> tap_leaves;  ///< per tap: may lie in the padding

  std::int8_t weight(std::int32_t output, std::int32_t tap, std::int32_t channel) const {
    return weights[(static_cast<std::size_t>(output) * taps + tap) * channels + channel];
  }
};
std::optional<ChannelSum> channel_sum(const Graph &graph, const Op &op);

/// Per tap of a convolution's filter, row by row: whether it lies in the padding for some output.
std::vector<bool> leaving_taps(const Graph &graph, const Op &op);

/// Bias of one output of an integer convolution or dense layer, 0 when it has none.
std::int64_t stored_bias(const Graph &graph, const Op &op, std::int32_t output);

}  // namespace thimble
