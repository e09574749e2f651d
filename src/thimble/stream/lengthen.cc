#include "thimble/stream/lengthen.h"

#include "thimble/stream/moving_window.h"

namespace thimble::stream {
namespace {

class Lengthening {
 public:
  Lengthening(const Graph &graph, const TimeAxes &axes, const Rates &rates, std::int32_t frames)
      : old_(graph), axes_(axes), rates_(rates), frames_(frames) {
    recording_.graph = graph;
    recording_.graph.ops.clear();
  }

  Result<Recording> run() {
    for (std::size_t o = 0; o < old_.ops.size(); ++o) {
      if (auto ok = add(o); !ok) return tl::unexpected(ok.error());
    }
    Graph &graph = recording_.graph;
    if (auto ok = verify(graph); !ok) return tl::unexpected(ok.error());
    const TimeAxis &frame = axes_.of(old_.inputs[0]);
    auto axes = follow_time(graph, axes_.input_axis, frame.grain);
    if (!axes) return tl::unexpected(axes.error());
    recording_.axes = std::move(*axes);
    auto rates = stream_rates(graph, recording_.axes);
    if (!rates) return tl::unexpected(rates.error());
    recording_.rates = std::move(*rates);
    if (auto ok = compare(); !ok) return tl::unexpected(ok.error());
    return std::move(recording_);
  }

 private:
  Result<void> add(std::size_t o) {
    Op op = old_.ops[o];
    const TensorId made = op.output();
    if (!axes_.of(made).over_time())
      return refuse(op, made, "is computed from constants alone, which a stream would do in each call");
    Tensor &output = tensor(made);
    if (op.is<Input>()) {
      const TimeAxis &time = axes_.of(made);
      output.shape[static_cast<std::size_t>(time.axis)] = frames_ * time.grain;
      recording_.graph.ops.push_back(std::move(op));
      return {};
    }
    std::vector<Reading> readings;
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      const auto &map = axes_.maps[o][j];
      if (!map) {
        readings.emplace_back();
        continue;
      }
      const TensorId input = op.inputs[j];
      readings.push_back(
          {true, place(input), axes_.of(input), elements(input), map->window, rates_.of(input).spread});
    }
    auto moving = move_window(
        {old_, recording_.graph, op, readings, place(made), axes_.of(made), aligned_elements(made), mode()});
    if (!moving) return moving;
    return {};
  }

  StreamMode mode() const { return rates_.mode; }
  Tensor &tensor(TensorId id) { return recording_.graph.tensors[static_cast<std::size_t>(id)]; }

  /// The axis of time in the recording. A tensor that is one element of the batch has its elements along an
  /// axis of length 1: rows of vectors, rows of maps.
  int place(TensorId id) const {
    const TimeAxis &time = axes_.of(id);
    if (time.axis != kNone) return time.axis;
    const Shape &shape = old_.tensor(id).shape;
    const int axis = shape.size() > 2 ? 1 : 0;
    return static_cast<std::size_t>(axis) < shape.size() && shape[static_cast<std::size_t>(axis)] == 1
               ? axis
               : kNone;
  }

  /// What follows from the frames that a recording has more than a window.
  std::int32_t aligned_elements(TensorId id) const {
    const TensorRate &rate = rates_.of(id);
    const std::int64_t more = frames_ - axes_.of(old_.inputs[0]).length;
    return static_cast<std::int32_t>(std::int64_t{axes_.of(id).length} * rate.spread + more / rate.step);
  }

  /// Elements of time of a tensor of the recording that is there already.
  std::int32_t elements(TensorId id) const {
    const int axis = place(id);
    if (axis == kNone) return 1;
    return recording_.graph.tensor(id).shape[static_cast<std::size_t>(axis)] / axes_.of(id).grain;
  }

  /// Elements of the outputs come in the same steps as those of the stream. A recording that said otherwise
  /// would compute something else.
  Result<void> compare() const {
    for (std::size_t o = 0; o < old_.ops.size(); ++o) {
      const TensorId made = old_.ops[o].output();
      const TensorRate &was = rates_.of(made), &is = recording_.rates.of(made);
      if (recording_.axes.of(made).axis != kNone && was.step == is.step && was.offset == is.offset &&
          was.oldest == is.oldest)
        continue;
      return refuse(old_.ops[o], made, "treats elements of time by their place in the window");
    }
    return {};
  }

  tl::unexpected<Error> refuse(const Op &op, TensorId tensor, std::string reason) const {
    Diagnostic line = at_op(old_, op, std::move(reason));
    line.tensor = old_.tensor(tensor).name;
    return failure(std::move(line));
  }

  const Graph &old_;
  const TimeAxes &axes_;
  const Rates &rates_;
  std::int32_t frames_;
  Recording recording_;
};

}  // namespace

Result<Recording> lengthen(const Graph &graph, const TimeAxes &axes, const Rates &rates,
                           std::int32_t frames) {
  return Lengthening(graph, axes, rates, frames).run();
}

}  // namespace thimble::stream
