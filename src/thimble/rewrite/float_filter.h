// Private to the layer: CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED on floats, and the MUL, ADD or SUB of
// one constant per channel beside them.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "thimble/graph/graph.h"

namespace thimble {

bool is_float_filter(const Graph &graph, const Op &op);

/// Weights and bias of such an operator, by output channel.
class FloatFilter {
 public:
  FloatFilter(const Graph &graph, const Op &op);

  std::vector<float> weights;  ///< those of one output channel after the other
  std::vector<float> bias;     ///< one per output channel, 0 where the operator has none

  std::span<float> weights_of(std::size_t channel) {
    return std::span(weights).subspan(channel * each_, each_);
  }
  std::span<const float> weights_of(std::size_t channel) const {
    return std::span(weights).subspan(channel * each_, each_);
  }
  /// Which channel of the input, its last axis, weight `index` of an output channel meets.
  std::size_t input_channel(std::size_t channel, std::size_t index) const;
  /// False for a dense layer whose rows begin in the middle of a pixel.
  bool knows_input_channels() const { return each_ % depth_ == 0; }

  /// Gives `op` what has changed as constants of its own: others may share the old ones.
  void store(Graph &graph, Op &op) const;

 private:
  std::vector<float> in_file_order() const;

  bool depthwise_;
  std::size_t each_;           ///< weights of one output channel
  std::size_t multiplier_;     ///< depthwise: output channels of one input channel
  std::size_t depth_;          ///< else: input channels that one output channel reads
  std::size_t group_outputs_;  ///< output channels that read the same ones
};

/// y = x * values[channel], or x + values[channel].
struct ChannelStep {
  TensorId data = kNone;
  bool multiplies = false;
  std::vector<float> values;  ///< of SUB with the sign turned: x - c and x + -c are the same operation
};

/// The step that an operator on floats is; nothing where its constant is none per channel, or is what the
/// data is taken from.
std::optional<ChannelStep> channel_step(const Graph &graph, const Op &op);

}  // namespace thimble
