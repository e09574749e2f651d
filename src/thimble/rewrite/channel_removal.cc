#include "thimble/rewrite/channel_removal.h"

#include "thimble/base/checked.h"
#include "thimble/graph/parameters.h"

namespace thimble {

namespace {

/// Real networks need a handful of rounds. A hostile file does not get more; its channels stay.
constexpr int kMostRounds = 16;

struct Context {
  const Graph &graph;
  const std::vector<ChannelRanges> &ranges;
  ChannelClasses &classes;

  const ChannelRanges &of(TensorId id) const { return ranges[static_cast<std::size_t>(id)]; }
};

bool is_constant(const ChannelRanges &x, std::int32_t channel) {
  if (x.empty()) return false;
  const IntegerRange &range = x[static_cast<std::size_t>(channel)];
  return range.min == range.max;
}

/// What a constant channel contributes per unit of weight.
std::int64_t centred_value(const Graph &graph, const Op &op, const ChannelRanges &x, std::int32_t channel) {
  return std::int64_t{x[static_cast<std::size_t>(channel)].min} -
         graph.tensor(op.inputs[0]).quantization.zero_point();
}

/// Whether some output that stays needs a channel of the input at run time.
bool is_needed(const Context &context, const Op &op, const ChannelSum &sum, std::int32_t channel) {
  const ChannelRanges &x = context.of(op.inputs[0]);
  const bool constant = is_constant(x, channel);
  if (constant && centred_value(context.graph, op, x, channel) == 0) return false;
  for (std::int32_t o = 0; o < sum.outputs; ++o) {
    if (!context.classes.kept(op.output(), o)) continue;
    for (std::int32_t tap = 0; tap < sum.taps; ++tap) {
      const bool foldable = constant && !sum.tap_leaves[static_cast<std::size_t>(tap)];
      if (!foldable && sum.weight(o, tap, channel) != 0) return true;
    }
  }
  return false;
}

/// From the last operator to the first, so that a need passes through a chain in one walk.
bool keep_needed(Context &context) {
  bool changed = false;
  for (std::size_t i = context.graph.ops.size(); i-- > 0;) {
    const Op &op = context.graph.ops[i];
    const std::optional<ChannelSum> sum = channel_sum(context.graph, op);
    if (!sum || context.graph.tensor(op.inputs[0]).constant()) continue;
    for (std::int32_t c = 0; c < sum->channels; ++c) {
      if (context.classes.kept(op.inputs[0], c) || !is_needed(context, op, *sum, c)) continue;
      context.classes.keep(op.inputs[0], c);
      changed = true;
    }
  }
  return changed;
}

/// A tensor has a channel at least.
bool keep_one_each(Context &context) {
  bool changed = false;
  for (const Op &op : context.graph.ops) {
    const std::int32_t channels = channel_count(context.graph.tensor(op.output()));
    std::int32_t c = 0;
    while (c < channels && !context.classes.kept(op.output(), c)) ++c;
    if (c < channels) continue;
    context.classes.keep(op.output(), 0);
    changed = true;
  }
  return changed;
}

bool fits(ElementType bias, std::int64_t stored, std::int64_t more) {
  const std::optional<std::int64_t> folded = checked_add(stored, more);
  if (!folded) return false;
  const IntegerRange narrow = range_of(ElementType::int32);
  return bias == ElementType::int64 || (*folded >= narrow.min && *folded <= narrow.max);
}

/// Channels whose contributions a bias cannot take stay.
bool keep_overflowing(Context &context) {
  bool changed = false;
  for (const Op &op : context.graph.ops) {
    const std::optional<ChannelSum> sum = channel_sum(context.graph, op);
    if (!sum || context.graph.tensor(op.inputs[0]).constant()) continue;
    const std::vector<std::int64_t> more =
        folded_into_bias(context.graph, op, *sum, context.classes, context.of(op.inputs[0]));
    for (std::int32_t o = 0; o < sum->outputs; ++o) {
      const std::int64_t stored = stored_bias(context.graph, op, o);
      if (fits(bias_type(context.graph, op), stored, more[static_cast<std::size_t>(o)])) continue;
      for (std::int32_t c = 0; c < sum->channels; ++c) {
        bool meets = false;
        for (std::int32_t tap = 0; tap < sum->taps; ++tap) meets |= sum->weight(o, tap, c) != 0;
        if (!meets || context.classes.kept(op.inputs[0], c)) continue;
        context.classes.keep(op.inputs[0], c);
        changed = true;
      }
    }
  }
  return changed;
}

}  // namespace

ChannelClasses choose_channels(const Graph &graph, const std::vector<ChannelRanges> &ranges) {
  ChannelClasses classes(graph);
  Context context{graph, ranges, classes};
  for (int round = 0; keep_needed(context) || keep_one_each(context) || keep_overflowing(context); ++round) {
    if (round < kMostRounds) continue;
    for (const Op &op : graph.ops) classes.keep_all(op.output());
    break;
  }
  return classes;
}

std::vector<std::int64_t> folded_into_bias(const Graph &graph, const Op &op, const ChannelSum &sum,
                                           const ChannelClasses &classes, const ChannelRanges &x) {
  std::vector<std::int64_t> more(static_cast<std::size_t>(sum.outputs));
  for (std::int32_t c = 0; c < sum.channels; ++c) {
    if (classes.kept(op.inputs[0], c) || !is_constant(x, c)) continue;
    const std::int64_t value = centred_value(graph, op, x, c);
    if (value == 0) continue;
    for (std::int32_t o = 0; o < sum.outputs; ++o) {
      if (!classes.kept(op.output(), o)) continue;
      for (std::int32_t tap = 0; tap < sum.taps; ++tap)
        more[static_cast<std::size_t>(o)] += value * sum.weight(o, tap, c);
    }
  }
  return more;
}

ElementType bias_type(const Graph &graph, const Op &op) {
  if (bias_of(op) != kNone) return graph.tensor(bias_of(op)).type;
  return graph.tensor(op.inputs[0]).type == ElementType::int16 ? ElementType::int64 : ElementType::int32;
}

}  // namespace thimble
