#include "thimble/rewrite/widen_depthwise.h"

#include <cstring>

#include "thimble/rewrite/sweep.h"

namespace thimble {
namespace {

bool reads_one_channel(const Graph &graph, const Op &op) {
  return op.is<DepthwiseConv2D>() && graph.tensor(op.inputs[0]).shape[3] == 1 &&
         graph.tensor(op.inputs[1]).constant();
}

/// [1, kh, kw, outputs] as [outputs, kh, kw, 1].
Tensor turned(const Tensor &weights) {
  Tensor result = weights;
  result.name += "/turned";
  result.shape = {weights.shape[3], weights.shape[1], weights.shape[2], 1};
  result.quantization.axis = 0;
  const auto outputs = static_cast<std::size_t>(weights.shape[3]);
  const std::size_t taps = static_cast<std::size_t>(weights.elements()) / outputs;
  const auto element = static_cast<std::size_t>(size_of(weights.type));
  std::vector<std::uint8_t> bytes(weights.data->size());
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      std::memcpy(bytes.data() + (o * taps + tap) * element,
                  weights.data->data() + (tap * outputs + o) * element, element);
    }
  }
  result.data = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  return result;
}

}  // namespace

Result<Graph> widen_depthwise(Graph graph) {
  GraphSweep sweep(std::move(graph));
  for (Op op; sweep.next(op);) {
    if (reads_one_channel(sweep.graph(), op)) {
      const DepthwiseConv2D depthwise = op.as<DepthwiseConv2D>();
      sweep.reroute(op, 1, sweep.add_tensor(turned(sweep.tensor(op.inputs[1]))));
      op.attributes = Conv2D{depthwise.stride, depthwise.dilation, depthwise.padding, depthwise.activation};
    }
    sweep.append(std::move(op));
  }
  return sweep.finish();
}

}  // namespace thimble
