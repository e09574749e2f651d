#include "thimble/stream/joins_apart.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "thimble/graph/edit.h"
#include "thimble/stream/conv_parts.h"

namespace thimble::stream {
namespace {

/// One of the tensors that are joined along the channels.
struct Source {
  TensorId tensor = kNone;  ///< of repeated elements those that are repeated
  std::int32_t times = 1;   ///< so often
  Range channels;
};

class Apart {
 public:
  Apart(const Recording &recording, bool held, bool rings)
      : old_(recording),
        made_by_(producers(recording.graph)),
        held_(held),
        rings_(rings),
        made_{recording.graph, 0, {}} {
    made_.graph.ops.clear();
  }

  ApartJoins run() {
    for (const Op &op : old_.graph.ops) {
      const std::vector<Source> sources = is_filter(op) ? sources_of(op) : std::vector<Source>{};
      if (sources.empty()) {
        made_.graph.ops.push_back(op);
      } else {
        cut(op, sources);
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

  /// What a convolution reads in parts; nothing where it is left as it is.
  std::vector<Source> sources_of(const Op &op) {
    const Op *join = maker(op.inputs[0]);
    if (join == nullptr || !join->is<Concatenation>()) return {};
    const Concatenation &concatenation = join->as<Concatenation>();
    if (concatenation.axis != 3 || concatenation.activation != Activation::none) return {};
    std::vector<Source> sources;
    std::int32_t channels = 0, repeated = 0;
    bool copies = false;
    for (const TensorId input : join->inputs) {
      const std::int32_t often = held_ ? times(input) : 1, own = old_.graph.tensor(input).shape[3];
      sources.push_back({often > 1 ? maker(input)->inputs[0] : input, often, {channels, channels + own}});
      channels += own;
      repeated += often > 1 ? 1 : 0;
      copies =
          copies || old_.graph.tensor(input).quantization != old_.graph.tensor(op.inputs[0]).quantization;
    }
    const std::optional<TimeMap> &map = old_.rates.ops[index_of(op)].maps[0];
    const bool several = map && map->extent > 1;
    // Something has to end the sum at the full rate.
    const bool holds = map && repeated == 1 && sources.size() > 1;
    if (!holds && !(rings_ && several && !copies && repeated == 0)) return {};
    const auto reason = why_not(op, holds);
    if (!reason) return sources;
    if (holds) made_.whole.push_back(at_op(old_.graph, op, "multiplies repeated elements: " + *reason));
    return {};
  }

  std::size_t index_of(const Op &op) const {
    return static_cast<std::size_t>(made_by_[static_cast<std::size_t>(op.output())]);
  }

  std::optional<std::string> why_not(const Op &op, bool holds) const {
    if (!op.is<Conv2D>()) return "it is no CONV_2D";
    if (auto reason = why_whole(old_.graph, op)) return reason;
    const auto axis = static_cast<std::size_t>(old_.axes.of(op.inputs[0]).axis);
    if (axis != 1 && axis != 2) return "time does not run along rows or columns";
    // A place is left for sums of other tensors.
    if (holds && old_.graph.tensor(op.inputs[1]).shape[axis] >= static_cast<std::int32_t>(kMostSums))
      return "it has more than " + std::to_string(kMostSums - 1) + " taps";
    return std::nullopt;
  }

  void cut(const Op &op, const std::vector<Source> &sources) {
    const Op whole = as_part(made_.graph, op);
    Op rest;
    std::vector<std::pair<TensorId, SumMap>> sums;
    std::size_t left = 0;
    for (const Source &source : sources) left += source.times == 1 ? 1 : 0;
    for (const Source &source : sources) {
      Op part = channels_of(made_.graph, whole, source.channels);
      part.inputs[0] = as_joined(source.tensor, op.inputs[0]);
      if (source.times > 1) {
        add_products(whole, part, source.times, sums);
      } else if (--left == 0) {
        rest = std::move(part);
      } else {
        add_rest(whole, std::move(part), sums);
      }
    }
    for (const auto &[tensor, map] : sums) add_sums(rest, tensor, map);
    made_.graph.ops.push_back(std::move(rest));
    ++made_.cut;
  }

  /// One part more of the sum, for each element of the output.
  void add_rest(const Op &whole, Op part, std::vector<std::pair<TensorId, SumMap>> &sums) {
    without_end(part);
    // Those at the output's rate follow each other.
    const auto before =
        std::find_if(sums.begin(), sums.end(), [](const auto &sum) { return sum.second == SumMap{}; });
    if (before != sums.end()) {
      add_sums(part, before->first, {});
      sums.erase(before);
    }
    part.outputs = {add_sums_tensor(made_.graph, whole, "/from " + std::to_string(part.inputs[0]))};
    sums.emplace_back(part.output(), SumMap{});
    made_.graph.ops.push_back(std::move(part));
  }

  /// What a part lacks that does not end the sum.
  static void without_end(Op &part) {
    ConvPart conv = part.as<ConvPart>();
    conv.activation = Activation::none;
    part.attributes = conv;
    part.inputs[2] = kNone;
  }

  /// Products of each tap with elements that are repeated `times`.
  void add_products(const Op &whole, const Op &held, std::int32_t times,
                    std::vector<std::pair<TensorId, SumMap>> &sums) {
    Graph &graph = made_.graph;
    const int axis = old_.axes.of(whole.inputs[0]).axis;
    const ConvPart &conv = whole.as<ConvPart>();
    const std::int32_t taps = graph.tensor(whole.inputs[1]).shape[static_cast<std::size_t>(axis)];
    for (std::int32_t tap = 0; tap < taps; ++tap) {
      Op products = one_element(taps_of(graph, held, axis, tap, tap + 1), axis);
      without_end(products);
      products.outputs = {add_sums_tensor(graph, whole, "/products " + std::to_string(tap))};
      graph.tensors[static_cast<std::size_t>(products.output())].shape[static_cast<std::size_t>(axis)] =
          graph.tensor(held.inputs[0]).shape[static_cast<std::size_t>(axis)];
      SumMap map;
      (axis == 1 ? map.num.rows : map.num.columns) = axis == 1 ? conv.stride.rows : conv.stride.columns;
      (axis == 1 ? map.den.rows : map.den.columns) = times;
      (axis == 1 ? map.offset_rows : map.offset_columns) =
          axis == 1 ? tap * conv.dilation.rows - conv.padding.top
                    : tap * conv.dilation.columns - conv.padding.left;
      sums.emplace_back(products.output(), map);
      graph.ops.push_back(std::move(products));
    }
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
  const bool held_, rings_;
  ApartJoins made_;
};

}  // namespace

ApartJoins joins_apart(const Recording &recording, bool held, bool rings) {
  return Apart(recording, held, rings).run();
}

}  // namespace thimble::stream
