#include "thimble/rewrite/channel_classes.h"

#include <numeric>

namespace thimble {

namespace {

/// Whether the operator, attributes and all, works the same on fewer channels when the outputs that `map`
/// takes from a removed input channel go too.
bool survives(const Graph &graph, const Op &op, std::size_t input, const std::vector<std::int32_t> &map) {
  if (map.empty()) return false;
  if (op.is<Concatenation>() || op.is<DepthwiseConv2D>() || op.is<Reshape>()) return true;
  if (map.size() != static_cast<std::size_t>(channel_count(graph.tensor(op.inputs[input])))) return false;
  for (std::size_t c = 0; c < map.size(); ++c) {
    if (map[c] != static_cast<std::int32_t>(c)) return false;
  }
  return true;
}

}  // namespace

ChannelClasses::ChannelClasses(const Graph &graph)
    : first_(graph.tensors.size()), channels_(graph.tensors.size()) {
  std::size_t count = 0;
  for (std::size_t id = 0; id < graph.tensors.size(); ++id) {
    first_[id] = count;
    if (graph.tensors[id].constant()) continue;
    channels_[id] = channel_count(graph.tensors[id]);
    count += static_cast<std::size_t>(channels_[id]);
  }
  parent_.resize(count);
  std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  kept_.resize(count);
  for (const TensorId input : graph.inputs) keep_all(input);
  for (const State &state : graph.states) keep_all(state.read);
  for (const TensorId kept : kept_tensors(graph)) keep_all(kept);
  for (const Op &op : graph.ops) {
    if (!op.is<Input>() && !channel_sum(graph, op)) couple(graph, op);
    if (graph.tensor(op.output()).quantization.per_channel()) keep_all(op.output());
  }
}

void ChannelClasses::keep_all(TensorId tensor) {
  for (std::int32_t c = 0; c < channels_[static_cast<std::size_t>(tensor)]; ++c) keep(tensor, c);
}

std::size_t ChannelClasses::root(std::size_t member) const {
  while (parent_[member] != member) {
    parent_[member] = parent_[parent_[member]];
    member = parent_[member];
  }
  return member;
}

void ChannelClasses::join(std::size_t a, std::size_t b) {
  a = root(a);
  b = root(b);
  parent_[b] = a;
  kept_[a] = kept_[a] || kept_[b];
}

void ChannelClasses::couple(const Graph &graph, const Op &op) {
  bool coupled = false;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (op.inputs[i] == kNone || graph.tensor(op.inputs[i]).constant()) continue;
    const std::vector<std::int32_t> map = channel_map(graph, op, i);
    if (!survives(graph, op, i, map)) {
      keep_all(op.inputs[i]);
      continue;
    }
    coupled = true;
    for (std::size_t c = 0; c < map.size(); ++c) {
      if (map[c] != kNone)
        join(index(op.inputs[i], map[c]), index(op.output(), static_cast<std::int32_t>(c)));
    }
  }
  if (!coupled) keep_all(op.output());
}

}  // namespace thimble
