#include "thimble/rewrite/fold_scales.h"

#include <algorithm>

#include "thimble/graph/edit.h"
#include "thimble/graph/parameters.h"
#include "thimble/rewrite/float_folds.h"

namespace thimble {

namespace {

enum class Rounding : std::uint8_t { same, other };

bool pads(const Op &filter) {
  const Padding2D none{};
  if (filter.is<Conv2D>()) return !(filter.as<Conv2D>().padding == none);
  return filter.is<DepthwiseConv2D>() && !(filter.as<DepthwiseConv2D>().padding == none);
}

class Folding {
 public:
  Folding(Graph graph, Rounding rounding)
      : graph_(std::move(graph)),
        rounding_(rounding),
        producers_(producers(graph_)),
        consumers_(consumers(graph_)),
        removed_(graph_.ops.size()) {}

  Graph run() {
    const auto is_step = [&](const Op &op) { return channel_step(graph_, op).has_value(); };
    if (std::none_of(graph_.ops.begin(), graph_.ops.end(), is_step)) return std::move(graph_);
    if (rounding_ == Rounding::same) values_ = float_values(graph_);
    // In order: MUL is part of the filter when ADD behind it comes.
    for (std::size_t i = 0; i < graph_.ops.size(); ++i) {
      if (const auto step = channel_step(graph_, graph_.ops[i])) fold_into_producer(i, *step);
    }
    // Backwards: of MUL and SUB before a filter SUB is next to it.
    for (std::size_t i = graph_.ops.size(); i-- > 0;) {
      if (removed_[i]) continue;
      if (const auto step = channel_step(graph_, graph_.ops[i])) fold_into_reader(i, *step);
    }
    remove_ops(graph_, removed_);
    remove_unused_tensors(graph_);
    return std::move(graph_);
  }

 private:
  /// Whether one operator reads the tensor and nobody else, the caller and the next inference included.
  bool read_once(TensorId id) const {
    return consumers_[static_cast<std::size_t>(id)].size() == 1 && !is_kept(graph_, id);
  }

  const FloatValues &values(TensorId id) const { return values_[static_cast<std::size_t>(id)]; }

  void fold_into_producer(std::size_t at, const ChannelStep &step) {
    const OpId maker = producers_[static_cast<std::size_t>(step.data)];
    if (maker == kNone || !read_once(step.data)) return;
    const Op &op = graph_.ops[at];
    Op filter = graph_.op(maker);
    if (!is_float_filter(graph_, filter) || activation_of(filter) != Activation::none) return;
    FloatFilter folded(graph_, filter);
    const bool done = rounding_ == Rounding::same ? fold_behind(folded, step, values(filter.inputs[0]))
                                                  : fold_behind_rounded(folded, step);
    if (!done) return;
    folded.store(graph_, filter);
    set_activation(filter, activation_of(op));
    filter.outputs = op.outputs;
    producers_[static_cast<std::size_t>(op.output())] = maker;
    graph_.ops[static_cast<std::size_t>(maker)] = std::move(filter);
    removed_[at] = true;
  }

  void fold_into_reader(std::size_t at, const ChannelStep &step) {
    const Op &op = graph_.ops[at];
    if (!read_once(op.output()) || activation_of(op) != Activation::none) return;
    const OpId reader = consumers_[static_cast<std::size_t>(op.output())][0];
    Op filter = graph_.op(reader);
    if (!is_float_filter(graph_, filter)) return;
    FloatFilter folded(graph_, filter);
    const bool done = rounding_ == Rounding::same ? fold_before(folded, step, values(step.data))
                                                  : fold_before_rounded(folded, step, pads(filter));
    if (!done) return;
    folded.store(graph_, filter);
    filter.inputs[0] = step.data;
    std::vector<OpId> &readers = consumers_[static_cast<std::size_t>(step.data)];
    std::replace(readers.begin(), readers.end(), static_cast<OpId>(at), reader);
    graph_.ops[static_cast<std::size_t>(reader)] = std::move(filter);
    removed_[at] = true;
  }

  Graph graph_;
  Rounding rounding_;
  std::vector<OpId> producers_;               ///< per tensor
  std::vector<std::vector<OpId>> consumers_;  ///< per tensor
  std::vector<bool> removed_;                 ///< per operator
  std::vector<FloatValues> values_;           ///< per tensor; what folds keeps them as they are
};

}  // namespace

Result<Graph> fold_scales(Graph graph) {
  return Folding(std::move(graph), Rounding::same).run();
}

Result<Graph> fold_floats(Graph graph) {
  return Folding(std::move(graph), Rounding::other).run();
}

}  // namespace thimble
