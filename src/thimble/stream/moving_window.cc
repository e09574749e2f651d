#include "thimble/stream/moving_window.h"

#include <algorithm>

#include "thimble/graph/edit.h"
#include "thimble/graph/rules.h"

namespace thimble::stream {
namespace {

/// What rows and columns are called in attributes.
std::int32_t &along(Step2D &steps, int axis) {
  return axis == 1 ? steps.rows : steps.columns;
}
std::int32_t &before(Padding2D &padding, int axis) {
  return axis == 1 ? padding.top : padding.left;
}
std::int32_t &behind(Padding2D &padding, int axis) {
  return axis == 1 ? padding.bottom : padding.right;
}

class Move {
 public:
  explicit Move(MovingOp &moving) : m_(moving) {}

  Result<void> run() {
    if (m_.axis == kNone)
      return refuse(m_.op.output(), "has no axis along which several elements of time could lie");
    for (std::size_t j = 0; j < m_.op.inputs.size(); ++j) {
      const Reading &reading = m_.readings[j];
      if (reading.over_time && reading.axis == kNone)
        return refuse(m_.op.inputs[j], "has no axis along which several elements of time could lie");
    }
    Result<void> changed = std::visit([&](auto &kind) { return change(kind); }, m_.op.attributes);
    if (!changed || done_) return changed;
    auto shape = output_shape(m_.recording, m_.op);
    if (!shape) return tl::unexpected(shape.error());
    tensor(m_.op.output()).shape = std::move(*shape);
    m_.recording.ops.push_back(std::move(m_.op));
    return {};
  }

 private:
  const Reading &from() const { return m_.readings[0]; }
  Tensor &tensor(TensorId id) { return m_.recording.tensors[static_cast<std::size_t>(id)]; }
  bool dense() const { return m_.mode == StreamMode::dense; }

  tl::unexpected<Error> refuse(TensorId tensor, std::string reason) const {
    Diagnostic line = at_op(m_.window, m_.op, std::move(reason));
    line.tensor = m_.window.tensor(tensor).name;
    return failure(std::move(line));
  }

  /// Convolutions and pools move with strides and dilations; what computes an element from one element is as
  /// it was.
  template <class Kind>
  Result<void> change(Kind &kind) {
    if constexpr (requires { kind.stride.rows; }) {
      const int axis = from().axis;
      if (axis != 1 && axis != 2) return {};
      std::int32_t &pad_before = before(kind.padding, axis), &pad_behind = behind(kind.padding, axis);
      if (dense() || from().whole) along(kind.stride, axis) = 1;
      if constexpr (requires { kind.dilation.rows; }) {
        const AxisMap reads = footprint(m_.window, m_.op, 0)[static_cast<std::size_t>(axis)];
        if (from().whole && (reads.offset != 0 || reads.extent != from().window.length))
          return refuse(m_.op.inputs[0], "has taps in the padding around all of the window");
        along(kind.dilation, axis) *= from().spread;
      } else {
        // Padding counts as nothing in a pool: over the whole window it can be left out.
        if (from().whole) {
          along(kind.filter, axis) = from().window.length;
          pad_before = pad_behind = 0;
        }
        if (from().spread > 1 && along(kind.filter, axis) > 1)
          return refuse(m_.op.inputs[0],
                        "would be a pool of elements that are " + std::to_string(from().spread) + " apart");
      }
      pad_before *= from().spread;
      pad_behind *= from().spread;
      return dense() && !from().whole ? fill(pad_behind) : Result<void>{};
    } else {
      return expect_no_window();
    }
  }

  /// Padding behind the map until the output has its elements, as far as the operator takes it: a stride of 1
  /// leaves other ones than a stride.
  Result<void> fill(std::int32_t &pad_behind) {
    pad_behind = 0;
    auto shape = output_shape(m_.recording, m_.op);
    if (!shape) return tl::unexpected(shape.error());
    const std::int32_t there = (*shape)[static_cast<std::size_t>(from().axis)];
    pad_behind = std::max(0, m_.elements - there);
    while (pad_behind > 0 && !output_shape(m_.recording, m_.op)) --pad_behind;
    return {};
  }

  Result<void> expect_no_window() const {
    for (std::size_t j = 0; j < m_.op.inputs.size(); ++j) {
      if (m_.readings[j].over_time && m_.readings[j].whole)
        return refuse(m_.op.inputs[j],
                      "is read as a whole window by an operator that does not move on with time yet");
    }
    return {};
  }

  Result<void> change(Pad &pad) {
    const auto axis = static_cast<std::size_t>(from().axis);
    pad.before[axis] *= from().spread;
    pad.after[axis] *= from().spread;
    return {};
  }

  Result<void> change(StridedSlice &slice) {
    if (auto ok = expect_no_window(); !ok) return ok;
    const auto axis = static_cast<std::size_t>(from().axis);
    if (slice.shrink[axis])
      return refuse(m_.op.inputs[0], "is cut to one element of the window, which does not move on yet");
    const std::int32_t length = m_.window.tensor(m_.op.inputs[0]).shape[axis];
    std::int32_t &begin = slice.begin[axis], &stride = slice.stride[axis], &extent = slice.extent[axis];
    if (stride < 1) return refuse(m_.op.inputs[0], "is read backwards over time");
    // What is cut off at the end stays so.
    const std::int32_t cut = (length - begin - (extent - 1) * stride - 1) * from().spread;
    begin *= from().spread;
    if (dense()) stride = 1;
    const std::int32_t all = m_.recording.tensor(m_.op.inputs[0]).shape[axis];
    extent = (all - begin - cut - 1) / stride + 1;
    return {};
  }

  Result<void> change(Reshape &) {
    if (auto ok = expect_no_window(); !ok) return ok;
    const TensorId made = m_.op.output();
    const std::int64_t window = m_.window.tensor(made).elements();
    const std::int64_t elements = m_.output.length;
    Shape shape = m_.window.tensor(made).shape;
    const std::int64_t all = m_.recording.tensor(m_.op.inputs[0]).elements();
    if (all % (window / elements) != 0) return refuse(made, "would get a part of an element of time");
    shape[static_cast<std::size_t>(m_.axis)] =
        static_cast<std::int32_t>(all / (window / elements)) * m_.output.grain;
    tensor(made).shape = std::move(shape);
    return {};
  }

  Result<void> change(ResizeNearestNeighbor &) {
    if (auto ok = expect_no_window(); !ok) return ok;
    const TensorId made = m_.op.output();
    const auto axis = static_cast<std::size_t>(m_.axis);
    const std::int64_t window = m_.window.tensor(m_.op.inputs[0]).shape[axis];
    const std::int64_t all = m_.recording.tensor(m_.op.inputs[0]).shape[axis];
    Shape shape = m_.window.tensor(made).shape;
    shape[axis] = static_cast<std::int32_t>(all * shape[axis] / window);
    tensor(made).shape = std::move(shape);
    return {};
  }

  Result<void> change(TransposeConv &conv) {
    if (auto ok = expect_no_window(); !ok) return ok;
    const TensorId x = m_.op.inputs[0], made = m_.op.output();
    if (from().spread > 1) {
      return refuse(
          x, "would spread over outputs elements that are " + std::to_string(from().spread) + " apart");
    }
    const auto axis = static_cast<std::size_t>(m_.axis);
    Shape shape = m_.window.tensor(made).shape;
    // What each further element of the input adds.
    const std::int32_t step = axis == 1 ? conv.stride.rows : axis == 2 ? conv.stride.columns : 1;
    shape[axis] += (m_.recording.tensor(x).shape[axis] - m_.window.tensor(x).shape[axis]) * step;
    tensor(made).shape = std::move(shape);
    return {};
  }

  /// A dense layer over all of time is a convolution of one output per window, with the same weights in the
  /// same order:
  ///
  ///   [1,T,F,C]  --dense [N, T*F*C]-->  [1,N]        [1,T',F,C]  --conv [N,T,F,C]-->  [1,T'-T+1,1,N]
  Result<void> change(FullyConnected &dense_layer) {
    if (!from().whole) return {};
    const TensorId x = m_.op.inputs[0], made = m_.op.output();
    if (!m_.recording.tensor(m_.op.inputs[1]).constant())
      return refuse(x, "is multiplied, all of time, with weights that are computed");
    const Shape shape = m_.recording.tensor(x).shape;
    for (int a = 0; a < from().axis; ++a) {
      if (shape[static_cast<std::size_t>(a)] != 1)
        return refuse(x, "has time below another axis, which a dense layer over all of time cannot have");
    }
    const std::int32_t below = static_cast<std::int32_t>(m_.recording.tensor(x).elements() / from().elements);
    const bool is_map = shape.size() == 4 && from().axis == 1;
    const Shape map = is_map ? shape : Shape{1, from().elements, 1, below};
    Op conv = m_.op;
    if (!is_map) conv.inputs[0] = add_reshape(x, map);
    Tensor weights = m_.recording.tensor(m_.op.inputs[1]);
    weights.shape = {weights.shape[0], from().window.length, map[2], map[3]};
    conv.inputs[1] = add(weights);
    conv.attributes = Conv2D{{}, {from().spread, 1}, {}, dense_layer.activation};
    Tensor rows = m_.recording.tensor(made);
    const std::int32_t outputs = weights.shape[0];
    const std::int32_t moves = from().elements - (from().window.length - 1) * from().spread;
    if (moves < 1) return refuse(x, "is shorter than a window");
    rows.name += "/moving";
    rows.shape = {1, moves, 1, outputs};
    conv.outputs[0] = add(std::move(rows));
    const TensorId found = conv.outputs[0];
    m_.recording.ops.push_back(std::move(conv));
    Shape last = m_.window.tensor(made).shape;
    last[static_cast<std::size_t>(m_.axis)] = moves;
    tensor(made).shape = std::move(last);
    add_op(Reshape{}, found, made);
    done_ = true;
    return {};
  }

  /// A mean over all of time moves along it, over windows of as many elements.
  Result<void> change(Mean &mean) {
    if (std::find(mean.axes.begin(), mean.axes.end(), from().axis) == mean.axes.end()) return {};
    const TensorId x = m_.op.inputs[0], made = m_.op.output();
    if (mean.axes[0] != from().axis || from().window.grain > 1)
      return refuse(x, "is averaged over time and over an axis above it, which does not move on with time");
    if (from().spread > 1 && from().window.length > 1)
      return refuse(x,
                    "would be averaged over elements that are " + std::to_string(from().spread) + " apart");
    Op moving = m_.op;
    moving.attributes = Mean{mean.axes, true, from().window.length};
    if (mean.keep_dims) {
      m_.op = std::move(moving);
      return {};
    }
    Tensor means = m_.recording.tensor(made);
    means.name += "/moving";
    moving.outputs[0] = add(std::move(means));
    auto shape = output_shape(m_.recording, moving);
    if (!shape) return tl::unexpected(shape.error());
    const TensorId found = moving.outputs[0];
    tensor(found).shape = *shape;
    m_.recording.ops.push_back(std::move(moving));
    tensor(made).shape = m_.window.tensor(made).shape;
    tensor(made).shape[static_cast<std::size_t>(m_.axis)] = (*shape)[static_cast<std::size_t>(from().axis)];
    add_op(Reshape{}, found, made);
    done_ = true;
    return {};
  }

  TensorId add(Tensor tensor) { return add_tensor(m_.recording, std::move(tensor)); }

  TensorId add_reshape(TensorId from, const Shape &shape) {
    Tensor tensor = m_.recording.tensor(from);
    tensor.name += "/map";
    tensor.shape = shape;
    const TensorId to = add(std::move(tensor));
    add_op(Reshape{}, from, to);
    return to;
  }

  void add_op(Attributes attributes, TensorId from, TensorId to) {
    Op op;
    op.attributes = std::move(attributes);
    op.inputs = {from};
    op.outputs = {to};
    op.file_index = m_.op.file_index;
    m_.recording.ops.push_back(std::move(op));
  }

  MovingOp &m_;
  bool done_ = false;  ///< the operator has been added in another form
};

}  // namespace

Result<void> move_window(MovingOp moving) {
  return Move(moving).run();
}

}  // namespace thimble::stream
