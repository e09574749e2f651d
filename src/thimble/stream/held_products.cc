#include "thimble/stream/held_products.h"

#include <optional>

#include "thimble/graph/edit.h"
#include "thimble/stream/conv_parts.h"

namespace thimble::stream {
namespace {

/// Two tensors one behind the other along the channels, one of which repeats elements of time.
struct Join {
  TensorId held = kNone, fresh = kNone;  ///< held: what is repeated
  std::int32_t times = 1;
  Range held_channels, fresh_channels;
};

class Holding {
 public:
  explicit Holding(const Recording &recording)
      : old_(recording), made_by_(producers(recording.graph)), made_{recording.graph, 0, {}} {
    made_.graph.ops.clear();
  }

  HeldProducts run() {
    for (const Op &op : old_.graph.ops) {
      const std::optional<Join> join = is_filter(op) ? join_of(op.inputs[0]) : std::nullopt;
      const std::optional<std::string> reason = join ? why_not(op) : std::nullopt;
      if (reason) made_.whole.push_back(at_op(old_.graph, op, "multiplies repeated elements: " + *reason));
      if (join && !reason) {
        cut(op, *join);
      } else {
        made_.graph.ops.push_back(op);
      }
    }
    remove_dead_ops(made_.graph);
    return std::move(made_);
  }

 private:
  const Op *maker(TensorId tensor) const {
    const OpId op = made_by_[static_cast<std::size_t>(tensor)];
    return op == kNone ? nullptr : &old_.graph.op(op);
  }

  /// How often each element of time is repeated in a row, all else being as it was; 1: not at all.
  std::int32_t times(TensorId tensor) const {
    const Op *op = maker(tensor);
    if (op == nullptr || !op->is<ResizeNearestNeighbor>()) return 1;
    const std::optional<TimeMap> &map =
        old_.rates.ops[static_cast<std::size_t>(made_by_[static_cast<std::size_t>(tensor)])].maps[0];
    if (!map || map->num != 1 || map->offset != 0 || map->extent != 1) return 1;
    const auto axis = static_cast<std::size_t>(old_.axes.of(tensor).axis);
    Shape repeated = old_.graph.tensor(op->inputs[0]).shape;
    repeated[axis] *= map->den;
    return repeated == old_.graph.tensor(tensor).shape ? map->den : 1;
  }

  std::optional<Join> join_of(TensorId x) const {
    const Op *op = maker(x);
    if (op == nullptr || !op->is<Concatenation>() || op->inputs.size() != 2) return std::nullopt;
    const Concatenation &concatenation = op->as<Concatenation>();
    if (concatenation.axis != 3 || concatenation.activation != Activation::none) return std::nullopt;
    const std::int32_t middle = old_.graph.tensor(op->inputs[0]).shape[3];
    const Range parts[2] = {{0, middle}, {middle, old_.graph.tensor(x).shape[3]}};
    for (std::size_t i = 0; i < 2; ++i) {
      const std::int32_t often = times(op->inputs[i]);
      if (often == 1 || times(op->inputs[1 - i]) != 1) continue;
      return Join{maker(op->inputs[i])->inputs[0], op->inputs[1 - i], often, parts[i], parts[1 - i]};
    }
    return std::nullopt;
  }

  std::optional<std::string> why_not(const Op &op) const {
    if (!op.is<Conv2D>()) return "it is no CONV_2D";
    if (auto reason = why_whole(old_.graph, op)) return reason;
    const Graph &graph = old_.graph;
    const auto axis = static_cast<std::size_t>(old_.axes.of(op.inputs[0]).axis);
    if (axis != 1 && axis != 2) return "time does not run along rows or columns";
    if (graph.tensor(op.inputs[1]).shape[axis] > static_cast<std::int32_t>(kMostSums))
      return "it has more than " + std::to_string(kMostSums) + " taps";
    return std::nullopt;
  }

  void cut(const Op &op, const Join &join) {
    Graph &graph = made_.graph;
    const int axis = old_.axes.of(op.inputs[0]).axis;
    const Op whole = as_part(graph, op);
    Op rest = channels_of(graph, whole, join.fresh_channels);
    rest.inputs[0] = as_joined(join.fresh, op.inputs[0]);
    Op held = channels_of(graph, whole, join.held_channels);
    held.inputs[0] = as_joined(join.held, op.inputs[0]);
    const ConvPart &conv = whole.as<ConvPart>();
    const std::int32_t taps = graph.tensor(whole.inputs[1]).shape[static_cast<std::size_t>(axis)];
    for (std::int32_t tap = 0; tap < taps; ++tap) {
      Op products = one_element(taps_of(graph, held, axis, tap, tap + 1), axis);
      products.inputs[2] = kNone;
      products.outputs = {add_sums_tensor(graph, whole, "/products " + std::to_string(tap))};
      graph.tensors[static_cast<std::size_t>(products.output())].shape[static_cast<std::size_t>(axis)] =
          graph.tensor(join.held).shape[static_cast<std::size_t>(axis)];
      SumMap map;
      (axis == 1 ? map.num.rows : map.num.columns) = axis == 1 ? conv.stride.rows : conv.stride.columns;
      (axis == 1 ? map.den.rows : map.den.columns) = join.times;
      (axis == 1 ? map.offset_rows : map.offset_columns) =
          axis == 1 ? tap * conv.dilation.rows - conv.padding.top
                    : tap * conv.dilation.columns - conv.padding.left;
      add_sums(rest, products.output(), map);
      graph.ops.push_back(std::move(products));
    }
    graph.ops.push_back(std::move(rest));
    ++made_.cut;
  }

  /// The bytes of a tensor with the zero point that they have where they are joined.
  TensorId as_joined(TensorId from, TensorId joined) {
    Graph &graph = made_.graph;
    const Quantization &quantization = graph.tensor(joined).quantization;
    if (graph.tensor(from).quantization == quantization) return from;
    Tensor same = graph.tensor(from);
    same.name += "/joined";
    same.quantization = quantization;
    Op copy;
    copy.attributes = Reshape{};
    copy.inputs = {from};
    copy.outputs = {add_tensor(graph, std::move(same))};
    copy.file_index = graph.ops.back().file_index;
    graph.ops.push_back(copy);
    return copy.output();
  }

  /// The part of one tap along the axis, for each element of its input.
  static Op one_element(Op part, int axis) {
    ConvPart conv = part.as<ConvPart>();
    conv.activation = Activation::none;
    if (axis == 1) {
      conv.stride.rows = conv.dilation.rows = 1;
      conv.padding.top = conv.padding.bottom = 0;
    } else {
      conv.stride.columns = conv.dilation.columns = 1;
      conv.padding.left = conv.padding.right = 0;
    }
    part.attributes = conv;
    return part;
  }

  const Recording &old_;
  const std::vector<OpId> made_by_;
  HeldProducts made_;
};

}  // namespace

HeldProducts hold_products(const Recording &recording) {
  return Holding(recording).run();
}

}  // namespace thimble::stream
