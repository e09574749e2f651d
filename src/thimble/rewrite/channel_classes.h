// Private to the layer: channels that can only go together.
#pragma once

#include "thimble/rewrite/channels.h"

namespace thimble {

/// Channel c of a depthwise convolution's, a pool's or an addition's output is made of channel c of its
/// inputs: an operator has as many channels on both sides, so that such channels stay or go as one class.
/// Sums over channels (ChannelSum) part them: there, columns of weights can go.
///
///   x --CONV_2D--> a --DEPTHWISE--> b --ADD--> d --CONV_2D--> y      x.c | a.c b.c d.c e.c | y.c
///                  e -----------------/
///
/// A class is kept when one of its members is of a network input or output, or of an operator that mixes
/// channels in another way (SOFTMAX, a mean over channels, a transpose that moves them).
class ChannelClasses {
 public:
  explicit ChannelClasses(const Graph &graph);

  bool kept(TensorId tensor, std::int32_t channel) const { return kept_[root(index(tensor, channel))]; }
  void keep(TensorId tensor, std::int32_t channel) { kept_[root(index(tensor, channel))] = true; }
  void keep_all(TensorId tensor);

 private:
  std::size_t index(TensorId tensor, std::int32_t channel) const {
    return first_[static_cast<std::size_t>(tensor)] + static_cast<std::size_t>(channel);
  }
  std::size_t root(std::size_t member) const;
  void join(std::size_t a, std::size_t b);
  void couple(const Graph &graph, const Op &op);

  std::vector<std::size_t> first_;           ///< per tensor: its channel 0
  std::vector<std::int32_t> channels_;       ///< per tensor; 0 for constants
  mutable std::vector<std::size_t> parent_;  ///< per channel; paths are halved on the way
  std::vector<bool> kept_;                   ///< per channel; of roots only
};

}  // namespace thimble
