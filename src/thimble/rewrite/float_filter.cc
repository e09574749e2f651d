#include "thimble/rewrite/float_filter.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "thimble/graph/edit.h"
#include "thimble/graph/parameters.h"
#include "thimble/rewrite/float_values.h"

namespace thimble {

namespace {

TensorId add_constant(Graph &graph, std::string name, Shape shape, const std::vector<float> &values) {
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.shape = std::move(shape);
  std::vector<std::uint8_t> bytes(values.size() * sizeof(float));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  tensor.data = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  return add_tensor(graph, std::move(tensor));
}

/// Bit for bit: -0 is not +0.
bool same_bits(const std::vector<float> &a, const std::vector<float> &b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

std::vector<float> one_per_channel(const Tensor &constant, std::int32_t channels) {
  std::vector<float> values = floats_of(constant);
  if (values.size() == 1) values.resize(static_cast<std::size_t>(channels), values[0]);
  return values;
}

}  // namespace

bool is_float_filter(const Graph &graph, const Op &op) {
  const bool filter = op.is<Conv2D>() || op.is<DepthwiseConv2D>() || op.is<FullyConnected>();
  return filter && graph.tensor(op.output()).type == ElementType::float32 &&
         graph.tensor(op.inputs[1]).constant();
}

FloatFilter::FloatFilter(const Graph &graph, const Op &op)
    : depthwise_(op.is<DepthwiseConv2D>()), multiplier_(1), depth_(1), group_outputs_(1) {
  const Tensor &x = graph.tensor(op.inputs[0]), &filter = graph.tensor(op.inputs[1]);
  const auto outputs = static_cast<std::size_t>(depthwise_ ? filter.shape.back() : filter.shape[0]);
  each_ = static_cast<std::size_t>(filter.elements()) / outputs;
  const std::vector<float> stored = floats_of(filter);
  weights.resize(stored.size());
  for (std::size_t i = 0; i < stored.size(); ++i)
    weights[depthwise_ ? i % outputs * each_ + i / outputs : i] = stored[i];
  bias = bias_of(op) != kNone ? floats_of(graph.tensor(bias_of(op))) : std::vector<float>(outputs);
  if (depthwise_) {
    multiplier_ = static_cast<std::size_t>(op.as<DepthwiseConv2D>().depth_multiplier);
  } else if (op.is<FullyConnected>()) {
    // Features are numbered row by row, channels last.
    depth_ = x.shape.empty() ? 1 : static_cast<std::size_t>(x.shape.back());
    group_outputs_ = outputs;
  } else {
    depth_ = static_cast<std::size_t>(filter.shape[3]);
    group_outputs_ = outputs / (static_cast<std::size_t>(x.shape[3]) / depth_);
  }
}

std::size_t FloatFilter::input_channel(std::size_t channel, std::size_t index) const {
  return depthwise_ ? channel / multiplier_ : channel / group_outputs_ * depth_ + index % depth_;
}

std::vector<float> FloatFilter::in_file_order() const {
  if (!depthwise_) return weights;
  std::vector<float> ordered(weights.size());
  for (std::size_t i = 0; i < ordered.size(); ++i)
    ordered[i] = weights[i % bias.size() * each_ + i / bias.size()];
  return ordered;
}

void FloatFilter::store(Graph &graph, Op &op) const {
  const FloatFilter old(graph, op);
  const Tensor filter = graph.tensor(op.inputs[1]);
  if (!same_bits(weights, old.weights))
    op.inputs[1] = add_constant(graph, filter.name, filter.shape, in_file_order());
  if (same_bits(bias, old.bias)) return;
  const std::string name = bias_of(op) != kNone ? graph.tensor(bias_of(op)).name : filter.name + "/bias";
  op.inputs.resize(3, kNone);
  op.inputs[2] = add_constant(graph, name, {static_cast<std::int32_t>(bias.size())}, bias);
}

std::optional<ChannelStep> channel_step(const Graph &graph, const Op &op) {
  if (!op.is<Mul>() && !op.is<Add>() && !op.is<Sub>()) return std::nullopt;
  const Tensor &output = graph.tensor(op.output());
  if (output.type != ElementType::float32 || output.shape.empty()) return std::nullopt;
  const std::size_t second = !op.is<Sub>() && graph.tensor(op.inputs[0]).constant() ? 0 : 1;
  const Tensor &constant = graph.tensor(op.inputs[second]), &data = graph.tensor(op.inputs[1 - second]);
  if (!constant.constant() || data.constant() || data.shape != output.shape) return std::nullopt;
  const std::int32_t channels = output.shape.back();
  const bool one_for_all = constant.elements() == 1;
  const bool one_each =
      constant.elements() == channels && !constant.shape.empty() && constant.shape.back() == channels;
  if (!one_for_all && !one_each) return std::nullopt;
  ChannelStep step{op.inputs[1 - second], op.is<Mul>(), one_per_channel(constant, channels)};
  if (op.is<Sub>())
    std::transform(step.values.begin(), step.values.end(), step.values.begin(), std::negate<float>());
  return step;
}

}  // namespace thimble
