#include "thimble/stream/without_states.h"

#include <algorithm>

#include "thimble/graph/rules.h"
#include "thimble/stream/lengthen.h"
#include "thimble/stream/time_step.h"

namespace thimble::stream {
namespace {

std::int32_t &row_or_column(Step2D &steps, int axis) {
  return axis == 1 ? steps.rows : steps.columns;
}

/// Time through one inference, in which tensors may have one element of time only, so that shapes alone do
/// not tell where it runs.
class OneInference {
 public:
  OneInference(Forgotten &step, int axis) : step_(step), graph_(step.graph) { axes_.input_axis = axis; }

  Result<TimeAxes> follow() {
    const Tensor &x = graph_.tensor(graph_.inputs[0]);
    frames_ = x.shape[static_cast<std::size_t>(axes_.input_axis)];
    axes_.tensors.resize(graph_.tensors.size());
    new_ones_.resize(graph_.tensors.size());
    for (Op &op : graph_.ops) {
      if (auto ok = add(op); !ok) return tl::unexpected(ok.error());
    }
    for (const TensorId output : graph_.outputs) {
      if (axes_.of(output).length != new_ones(output))
        return refuse(output, "gives elements of time again that it has given before");
    }
    return std::move(axes_);
  }

 private:
  /// Elements that an inference adds to those of the one before.
  std::int32_t &new_ones(TensorId id) { return new_ones_[static_cast<std::size_t>(id)]; }

  Result<void> add(Op &op) {
    TimeAxis &made = axes_.tensors[static_cast<std::size_t>(op.output())];
    std::vector<std::optional<TimeMap>> &maps = axes_.maps.emplace_back(op.inputs.size());
    if (op.is<Input>()) {
      made = {axes_.input_axis, 1, frames_};
      new_ones(op.output()) = frames_;
      return {};
    }
    auto step = time_step(graph_, op, axes_.tensors);
    if (!step) return tl::unexpected(step.error());
    made = step->output;
    maps = std::move(step->maps);
    if (op.is<Reshape>() && made.length == 1) made.axis = same_axis(op);
    if (auto ok = expect_history(op); !ok) return ok;
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      if (!maps[j]) continue;
      if (auto ok = move_on(op, op.inputs[j], *maps[j]); !ok) return ok;
    }
    return {};
  }

  /// Of one element of time any axis could be time that has only axes of length 1 around it: the same one as
  /// before, or the outermost of a map, or rows of vectors.
  int same_axis(const Op &op) const {
    const TimeAxis &from = axes_.of(op.inputs[0]);
    const Shape &shape = graph_.tensor(op.output()).shape;
    const auto could_be = [&](int axis) {
      return axis >= 0 && static_cast<std::size_t>(axis) < shape.size() &&
             std::all_of(shape.begin(), shape.begin() + axis + 1,
                         [](std::int32_t length) { return length == 1; });
    };
    if (shape.size() > 2 && could_be(from.axis)) return from.axis;
    if (shape.size() > 2 && could_be(1)) return 1;
    return could_be(0) ? 0 : kNone;
  }

  /// Padding over time is what a state gave, or else each inference would have its own.
  Result<void> expect_history(const Op &op) const {
    const auto known = std::find_if(step_.histories.begin(), step_.histories.end(),
                                    [&](const History &history) { return history.tensor == op.output(); });
    if (known != step_.histories.end()) {
      if (axes_.of(op.inputs[0]).axis == known->axis) return {};
      return refuse(op.output(), "has the elements that a state holds along axis " +
                                     std::to_string(known->axis) + ", and time along another one");
    }
    const auto &maps = axes_.maps.back();
    for (std::size_t j = 0; j < maps.size(); ++j) {
      if (!maps[j]) continue;
      const TimeAxis &from = axes_.of(op.inputs[j]), &made = axes_.of(op.output());
      if (maps[j]->first(0) >= 0 && maps[j]->last(made.length - 1) < from.length) continue;
      return refuse(op.output(), "is padded over time in each inference");
    }
    return {};
  }

  /// How many elements of the output are new, and how far windows of which there is one per inference move.
  Result<void> move_on(Op &op, TensorId from, TimeMap &map) {
    const std::int32_t before = new_ones(from);
    if (map.window && before != 1) {
      if (auto ok = std::visit([&](auto &kind) { return set_stride(kind, from, before); }, op.attributes);
          !ok)
        return ok;
      map.num = before;
      map.window = false;
    }
    const std::int64_t now = std::int64_t{before} * map.den;
    if (now % map.num != 0)
      return refuse(op.output(), "gets a part of an element of time with each inference");
    const auto made = static_cast<std::int32_t>(now / map.num);
    std::int32_t &known = new_ones(op.output());
    if (known != 0 && known != made)
      return refuse(op.output(), "joins tensors that get different numbers of elements with each inference");
    known = made;
    return {};
  }

  template <class Kind>
  Result<void> set_stride(Kind &kind, TensorId from, std::int32_t stride) {
    if constexpr (requires { kind.stride.rows; }) {
      row_or_column(kind.stride, axes_.of(from).axis) = stride;
      return {};
    } else {
      return refuse(from, "is read as a whole window, which moves on by " + std::to_string(stride) +
                              " elements with each inference");
    }
  }

  tl::unexpected<Error> refuse(TensorId tensor, std::string reason) const {
    return failure({graph_.file, kNone, "", graph_.tensor(tensor).name, std::move(reason), ""});
  }

  Forgotten &step_;
  Graph &graph_;
  TimeAxes axes_;
  std::int32_t frames_ = 0;
  std::vector<std::int32_t> new_ones_;
};

/// With time along `axis` of the input.
Result<Batch> along(Forgotten step, int axis) {
  if (auto ok = expect_axis(step.graph, axis); !ok) return tl::unexpected(ok.error());
  auto axes = OneInference(step, axis).follow();
  if (!axes) return tl::unexpected(axes.error());
  const auto rates = stream_rates(step.graph, *axes);
  if (!rates) return tl::unexpected(rates.error());
  std::int64_t most = 1;
  for (const TensorRate &rate : rates->tensors) most = std::max(most, rate.receptive_field() + rate.step);
  Batch batch;
  batch.axis = axis;
  batch.frames = axes->of(step.graph.inputs[0]).length;
  // One more, so that some element is all of frames and has another one behind it.
  batch.inferences = static_cast<std::int32_t>(most / batch.frames + 2);
  auto recording = lengthen(step.graph, *axes, *rates, batch.inferences * batch.frames);
  if (!recording) return tl::unexpected(recording.error());
  batch.graph = std::move(recording->graph);
  return batch;
}

}  // namespace

Result<Batch> without_states(const Graph &graph, std::optional<int> axis) {
  auto step = forget_histories(graph);
  if (!step) return tl::unexpected(step.error());
  if (graph.inputs.size() != 1 || graph.outputs.size() != 1) {
    return failure({graph.file, kNone, "", "",
                    "has " + std::to_string(graph.inputs.size()) + " inputs and " +
                        std::to_string(graph.outputs.size()) + " outputs, and frames come in through one",
                    ""});
  }
  if (axis) return along(std::move(*step), *axis);
  // The outermost axis is that of the batch where there are others.
  const int rank = graph.tensor(graph.inputs[0]).rank(), first = rank > 1 ? 1 : 0;
  auto batch = along(*step, first);
  for (int a = first + 1; a < rank && !batch; ++a) {
    if (auto other = along(*step, a)) batch = std::move(other);
  }
  return batch;
}

}  // namespace thimble::stream
