#include "thimble/rewrite/remove_channels.h"

#include <cstring>

#include "thimble/graph/edit.h"
#include "thimble/graph/parameters.h"
#include "thimble/rewrite/channel_removal.h"

namespace thimble {

namespace {

using Mask = std::vector<bool>;  ///< per channel: stays

bool is_whole(const Mask &mask) {
  return std::find(mask.begin(), mask.end(), false) == mask.end();
}

Mask kept_channels(const Graph &graph, const ChannelClasses &classes, TensorId id) {
  Mask mask(static_cast<std::size_t>(channel_count(graph.tensor(id))));
  for (std::size_t c = 0; c < mask.size(); ++c) mask[c] = classes.kept(id, static_cast<std::int32_t>(c));
  return mask;
}

void cut_input(Graph &graph, Op &op, std::size_t input, std::size_t axis, const Mask &mask) {
  if (is_whole(mask)) return;
  op.inputs[input] = add_tensor(graph, indices_of(graph.tensor(op.inputs[input]), axis, mask));
}

/// Adds `more` to the biases of `op`; without a bias it gets one, unless there is nothing to add.
void add_to_bias(Graph &graph, Op &op, const std::vector<std::int64_t> &more) {
  if (std::all_of(more.begin(), more.end(), [](std::int64_t value) { return value == 0; })) return;
  Tensor bias;
  if (bias_of(op) != kNone) {
    bias = graph.tensor(bias_of(op));
  } else {
    bias.name = graph.tensor(op.inputs[1]).name + "/bias";
    bias.shape = {static_cast<std::int32_t>(more.size())};
    bias.type = bias_type(graph, op);
  }
  const auto size = static_cast<std::size_t>(size_of(bias.type));
  std::vector<std::uint8_t> bytes(more.size() * size);
  for (std::size_t o = 0; o < more.size(); ++o) {
    const std::int64_t value = stored_bias(graph, op, static_cast<std::int32_t>(o)) + more[o];
    std::memcpy(bytes.data() + o * size, &value, size);  // little-endian: the low bytes come first
  }
  bias.data = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  op.inputs.resize(3, kNone);
  op.inputs[2] = add_tensor(graph, std::move(bias));
}

void cut_sum(Graph &graph, Op &op, const ChannelSum &sum, const ChannelClasses &classes,
             const ChannelRanges &x) {
  const Mask outputs = kept_channels(graph, classes, op.output());
  if (!graph.tensor(op.inputs[0]).constant()) {
    add_to_bias(graph, op, folded_into_bias(graph, op, sum, classes, x));
    const Mask channels = kept_channels(graph, classes, op.inputs[0]);
    Mask columns;  // of one output's weights behind the last axis but one
    const std::int32_t repeats = op.is<FullyConnected>() ? sum.taps : 1;
    for (std::int32_t tap = 0; tap < repeats; ++tap)
      columns.insert(columns.end(), channels.begin(), channels.end());
    cut_input(graph, op, 1, graph.tensor(op.inputs[1]).shape.size() - 1, columns);
  }
  cut_input(graph, op, 1, 0, outputs);
  if (bias_of(op) != kNone) cut_input(graph, op, 2, graph.tensor(bias_of(op)).shape.size() - 1, outputs);
}

/// Constants of operators that keep channels apart: filters of depthwise convolutions, operands of additions.
void cut_constants(Graph &graph, Op &op, const ChannelClasses &classes) {
  const Op whole = op;  // where an input of a concatenation lies depends on those before it
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (op.inputs[i] == kNone || !graph.tensor(op.inputs[i]).constant()) continue;
    const std::vector<std::int32_t> map = channel_map(graph, whole, i);
    if (map.empty()) continue;
    Mask mask(static_cast<std::size_t>(channel_count(graph.tensor(op.inputs[i]))));
    for (std::size_t c = 0; c < map.size(); ++c) {
      if (map[c] != kNone && classes.kept(op.output(), static_cast<std::int32_t>(c)))
        mask[static_cast<std::size_t>(map[c])] = true;
    }
    cut_input(graph, op, i, graph.tensor(op.inputs[i]).shape.size() - 1, mask);
  }
}

}  // namespace

Result<Graph> remove_channels(Graph graph) {
  const std::vector<ChannelRanges> ranges = value_ranges(graph);
  if (ranges.empty()) return graph;
  const ChannelClasses classes = choose_channels(graph, ranges);
  std::vector<std::pair<OpId, std::int32_t>> shorter;  // outputs and how many channels are left of them
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    const Op &op = graph.ops[id];
    const Mask mask = kept_channels(graph, classes, op.output());
    const auto left = static_cast<std::int32_t>(std::count(mask.begin(), mask.end(), true));
    if (left < channel_count(graph.tensor(op.output()))) {
      shorter.emplace_back(static_cast<OpId>(id), left);
    }
  }
  if (shorter.empty()) return graph;
  for (Op &op : graph.ops) {
    if (const std::optional<ChannelSum> sum = channel_sum(graph, op)) {
      cut_sum(graph, op, *sum, classes, ranges[static_cast<std::size_t>(op.inputs[0])]);
    } else {
      cut_constants(graph, op, classes);
    }
  }
  for (const auto &[id, left] : shorter) {
    graph.tensors[static_cast<std::size_t>(graph.op(id).output())].shape.back() = left;
    if (auto *slice = std::get_if<StridedSlice>(&graph.ops[static_cast<std::size_t>(id)].attributes))
      slice->extent.back() = left;
  }
  remove_unused_tensors(graph);
  return graph;
}

}  // namespace thimble
