#include "thimble/stream/histories.h"

#include <algorithm>
#include <optional>

#include "thimble/graph/edit.h"

namespace thimble::stream {
namespace {

/// Indices [begin, begin + length) of a tensor along the axis of the state.
struct Part {
  TensorId tensor = kNone;
  std::int32_t begin = 0, length = 0;
};
using Parts = std::vector<Part>;

/// The axis along which a slice cuts or a concatenation joins, kNone where a slice takes all, and nothing
/// where it does something else besides.
std::optional<int> moved_axis(const Graph &graph, const Op &op) {
  if (const auto *join = std::get_if<Concatenation>(&op.attributes)) {
    return join->activation == Activation::none ? std::optional<int>(join->axis) : std::nullopt;
  }
  const auto &slice = op.as<StridedSlice>();
  const Shape &shape = graph.tensor(op.inputs[0]).shape;
  int axis = kNone;
  for (std::size_t a = 0; a < shape.size(); ++a) {
    if (slice.shrink[a] || (slice.stride[a] != 1 && slice.extent[a] != 1)) return std::nullopt;
    if (slice.extent[a] == shape[a]) continue;
    if (axis != kNone) return std::nullopt;
    axis = static_cast<int>(a);
  }
  return axis;
}

Parts cut(const Parts &parts, std::int32_t begin, std::int32_t length) {
  Parts found;
  for (const Part &part : parts) {
    const std::int32_t from = std::max(begin, 0), to = std::min(begin + length, part.length);
    if (from < to) found.push_back({part.tensor, part.begin + from, to - from});
    begin -= part.length;
  }
  return found;
}

void append(Parts &parts, const Part &part) {
  if (!parts.empty() && parts.back().tensor == part.tensor &&
      parts.back().begin + parts.back().length == part.begin) {
    parts.back().length += part.length;
  } else {
    parts.push_back(part);
  }
}

/// One state and what is cut and joined from it.
class OneState {
 public:
  OneState(const Graph &graph, const State &state) : graph_(graph), state_(state) {}

  /// Marks in `gone` the operators that only move what the state remembers, and adds to `made` what computes
  /// their outputs without it.
  Result<void> run(std::vector<bool> &gone, std::vector<Op> &made, Graph &result,
                   std::vector<History> &histories) {
    if (auto ok = find_axis(); !ok) return ok;
    trace(gone);
    if (auto ok = find_source(); !ok) return ok;
    if (auto ok = expect_padding(); !ok) return ok;
    for (const auto &[tensor, parts] : traced_) {
      const std::size_t before = made.size();
      if (auto ok = replace(tensor, parts, made, result); !ok) return ok;
      if (made[before].is<Pad>()) histories.push_back({made[before].output(), axis_});
    }
    return {};
  }

 private:
  std::int32_t length_of(TensorId id) const {
    return graph_.tensor(id).shape[static_cast<std::size_t>(axis_)];
  }

  const Parts *parts_of(TensorId id) const {
    const auto found =
        std::find_if(traced_.begin(), traced_.end(), [&](const auto &one) { return one.first == id; });
    return found == traced_.end() ? nullptr : &found->second;
  }

  /// By the first operator that cuts the state or joins something to it.
  Result<void> find_axis() {
    std::vector<TensorId> same{state_.read};
    for (const Op &op : graph_.ops) {
      if (!op.is<StridedSlice>() && !op.is<Concatenation>()) continue;
      if (std::none_of(op.inputs.begin(), op.inputs.end(),
                       [&](TensorId id) { return std::find(same.begin(), same.end(), id) != same.end(); }))
        continue;
      const auto axis = moved_axis(graph_, op);
      if (axis && *axis != kNone) {
        axis_ = *axis;
        return {};
      }
      if (axis) same.push_back(op.output());
    }
    return refuse("is not a list of the last elements of some tensor");
  }

  void trace(std::vector<bool> &gone) {
    traced_.push_back({state_.read, {{state_.read, 0, length_of(state_.read)}}});
    for (std::size_t o = 0; o < graph_.ops.size(); ++o) {
      const Op &op = graph_.ops[o];
      if (!op.is<StridedSlice>() && !op.is<Concatenation>()) continue;
      const bool touches = std::any_of(op.inputs.begin(), op.inputs.end(),
                                       [&](TensorId id) { return parts_of(id) != nullptr; });
      const auto axis = touches ? moved_axis(graph_, op) : std::nullopt;
      if (!axis || (*axis != kNone && *axis != axis_)) continue;
      Parts parts;
      for (const TensorId id : op.inputs) {
        const Parts *known = parts_of(id);
        for (const Part &part : known != nullptr ? *known : Parts{{id, 0, length_of(id)}})
          append(parts, part);
      }
      if (op.is<StridedSlice>()) {
        const auto a = static_cast<std::size_t>(axis_);
        const auto &slice = op.as<StridedSlice>();
        parts = cut(parts, slice.begin[a], slice.extent[a]);
      }
      traced_.push_back({op.output(), std::move(parts)});
      gone[o] = true;
    }
  }

  /// The tensor whose elements are written: all that is written are its newest, behind what was read.
  Result<void> find_source() {
    const Parts *written = parts_of(state_.written);
    const std::int32_t length = length_of(state_.read);
    if (written == nullptr) {
      // The state is the whole of something else: a list of what came in one inference.
      if (length_of(state_.written) != length)
        return refuse("is not a list of the last elements of a tensor");
      source_ = state_.written;
    } else {
      const Part &last = written->back();
      source_ = last.tensor;
      const std::int32_t new_ones = source_ == state_.read ? 0 : length_of(source_);
      const bool newest = last.begin + last.length == new_ones;
      const bool all_new = written->size() == 1 && last.length == length;
      const bool moved_on = written->size() == 2 && last.begin == 0 && (*written)[0].tensor == state_.read &&
                            (*written)[0].begin == new_ones;
      if (source_ == state_.read || !newest || (!all_new && !moved_on))
        return refuse("is not a list of the last elements of a tensor");
    }
    return {};
  }

  /// Padding is the zero point.
  Result<void> expect_padding() const {
    for (const auto &[tensor, unused] : traced_) {
      const Tensor &padded = graph_.tensor(tensor);
      const std::int64_t zero =
          is_integer(padded.type) && padded.quantization.present() ? padded.quantization.zero_point() : 0;
      const auto size = static_cast<std::size_t>(size_of(padded.type));
      const std::size_t bytes = state_.initial ? state_.initial->size() : size;
      for (std::size_t b = 0; b < bytes; ++b) {
        const std::uint8_t there = state_.initial ? (*state_.initial)[b] : state_.fill;
        if (there != static_cast<std::uint8_t>(zero >> (8 * (b % size))))
          return refuse("begins with other bytes than those of zeros");
      }
    }
    return {};
  }

  /// `tensor` is elements of the state, of the source, or first the one and then the other.
  Result<void> replace(TensorId tensor, const Parts &parts, std::vector<Op> &made, Graph &result) const {
    const auto a = static_cast<std::size_t>(axis_);
    const std::int32_t remembered = length_of(state_.read);
    const bool of_state = parts[0].tensor == state_.read;
    const bool in_order =
        parts.size() == 1 || (parts.size() == 2 && parts[1].tensor == source_ && parts[1].begin == 0 &&
                              parts[0].begin + parts[0].length == remembered);
    if ((!of_state && parts[0].tensor != source_) || !in_order || (!of_state && parts.size() > 1))
      return refuse("is joined with other tensors than the one whose elements it holds");
    Op op;
    const Tensor &source = graph_.tensor(source_);
    TensorId padded = source_;
    const std::int32_t padding = of_state ? remembered - parts[0].begin : 0;
    const std::int32_t begin = of_state ? 0 : parts[0].begin, length = length_of(tensor);
    const bool whole = begin == 0 && length == source.shape[a] + padding;
    if (padding > 0 || whole) {
      Pad pad{std::vector<std::int32_t>(source.shape.size(), 0),
              std::vector<std::int32_t>(source.shape.size(), 0)};
      pad.before[a] = padding;
      if (!whole) {
        Tensor longer = graph_.tensor(tensor);
        longer.name += "/padded";
        longer.shape[a] = source.shape[a] + padding;
        padded = add_tensor(result, std::move(longer));
      }
      op.attributes = std::move(pad);
      op.inputs = {source_};
      op.outputs = {whole ? tensor : padded};
      made.push_back(op);
    }
    if (whole) return {};
    const Shape &from = result.tensor(padded).shape;
    StridedSlice slice{std::vector<std::int32_t>(from.size(), 0), std::vector<std::int32_t>(from.size(), 1),
                       from, std::vector<bool>(from.size(), false)};
    slice.begin[a] = begin;
    slice.extent[a] = length;
    op.attributes = std::move(slice);
    op.inputs = {padded};
    op.outputs = {tensor};
    made.push_back(op);
    return {};
  }

  tl::unexpected<Error> refuse(std::string reason) const {
    return failure({graph_.file, kNone, "", graph_.tensor(state_.read).name,
                    "the state '" + state_.name + "' " + std::move(reason), ""});
  }

  const Graph &graph_;
  const State &state_;
  int axis_ = kNone;
  TensorId source_ = kNone;
  std::vector<std::pair<TensorId, Parts>> traced_;  ///< in the order of their operators
};

/// In an order in which they can be executed. False where a state feeds itself.
bool sort(Graph &graph) {
  const std::vector<OpId> producer = producers(graph);
  std::vector<bool> placed(graph.ops.size(), false);
  std::vector<Op> order;
  // Passes over the list, which is nearly in order.
  for (bool progress = true; progress;) {
    progress = false;
    for (std::size_t o = 0; o < graph.ops.size(); ++o) {
      const Op &op = graph.ops[o];
      const bool ready = std::all_of(op.inputs.begin(), op.inputs.end(), [&](TensorId id) {
        if (id == kNone) return true;
        const OpId made_by = producer[static_cast<std::size_t>(id)];
        return made_by == kNone || placed[static_cast<std::size_t>(made_by)];
      });
      if (placed[o] || !ready) continue;
      placed[o] = progress = true;
      order.push_back(op);
    }
  }
  if (order.size() != graph.ops.size()) return false;
  graph.ops = std::move(order);
  return true;
}

}  // namespace

Result<Forgotten> forget_histories(const Graph &graph) {
  Forgotten result{graph, {}};
  std::vector<bool> gone(graph.ops.size(), false);
  std::vector<Op> made;
  for (const State &state : graph.states) {
    OneState one(graph, state);
    if (auto ok = one.run(gone, made, result.graph, result.histories); !ok) return tl::unexpected(ok.error());
  }
  for (std::size_t o = 0; o < graph.ops.size(); ++o) {
    const bool reads_state = graph.ops[o].is<Input>() && !contains(graph.inputs, graph.ops[o].output());
    gone[o] = gone[o] || reads_state;
  }
  remove_ops(result.graph, gone);
  result.graph.ops.insert(result.graph.ops.end(), made.begin(), made.end());
  result.graph.states.clear();
  if (!sort(result.graph)) {
    return failure({graph.file, kNone, "", "", "keeps a state that is computed from itself", ""});
  }
  remove_dead_ops(result.graph);
  if (auto ok = verify(result.graph); !ok) return tl::unexpected(ok.error());
  return result;
}

}  // namespace thimble::stream
