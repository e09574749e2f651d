#include "thimble/rewrite/fold_padding.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "thimble/graph/edit.h"
#include "thimble/graph/parameters.h"
#include "thimble/rewrite/sweep.h"

namespace thimble {

namespace {

/// What a PAD adds to the padding of its consumers; nothing when it pads other axes than rows and columns.
std::optional<Padding2D> spatial_padding(const Pad &pad) {
  if (pad.before.size() != 4 || pad.before[0] != 0 || pad.after[0] != 0 || pad.before[3] != 0 ||
      pad.after[3] != 0) {
    return std::nullopt;
  }
  return Padding2D{pad.before[1], pad.after[1], pad.before[2], pad.after[2]};
}

/// Adds `more` to `padding` when the filter, which spans that many rows and columns, is still wider.
bool widen(Padding2D &padding, const Padding2D &more, std::int64_t rows, std::int64_t columns) {
  const auto fits = [](std::int32_t a, std::int32_t b, std::int64_t span) {
    return std::int64_t{a} + b < span;
  };
  if (!fits(padding.top, more.top, rows) || !fits(padding.bottom, more.bottom, rows) ||
      !fits(padding.left, more.left, columns) || !fits(padding.right, more.right, columns)) {
    return false;
  }
  padding = {padding.top + more.top, padding.bottom + more.bottom, padding.left + more.left,
             padding.right + more.right};
  return true;
}

bool pads_nothing(const Pad &pad) {
  const auto zero = [](std::int32_t length) { return length == 0; };
  return std::all_of(pad.before.begin(), pad.before.end(), zero) &&
         std::all_of(pad.after.begin(), pad.after.end(), zero);
}

bool finite(const Tensor &weights) {
  if (weights.type != ElementType::float32) return true;
  for (std::size_t i = 0; i + 4 <= weights.data->size(); i += 4) {
    float value = 0;
    std::memcpy(&value, weights.data->data() + i, 4);
    if (!std::isfinite(value)) return false;
  }
  return true;
}

bool is_least_value(const Tensor &tensor) {
  return tensor.quantization.present() && is_integer(tensor.type) &&
         tensor.quantization.zero_point() == range_of(tensor.type).min;
}

/// The attributes of a consumer of `padded` with the padding in them; nothing when it cannot take it.
std::optional<Attributes> padded_by_itself(const Graph &graph, const Op &op, const Tensor &padded,
                                           const Padding2D &more) {
  const auto convolution = [&](auto attributes) -> std::optional<Attributes> {
    const Tensor &weights = graph.tensor(op.inputs[1]);
    const std::int64_t rows = (std::int64_t{weights.shape[1]} - 1) * attributes.dilation.rows + 1,
                       columns = (std::int64_t{weights.shape[2]} - 1) * attributes.dilation.columns + 1;
    if (!widen(attributes.padding, more, rows, columns) || !finite(weights)) return std::nullopt;
    return attributes;
  };
  if (op.is<Conv2D>()) return convolution(op.as<Conv2D>());
  if (op.is<DepthwiseConv2D>()) return convolution(op.as<DepthwiseConv2D>());
  if (!op.is<MaxPool2D>() || !is_least_value(padded)) return std::nullopt;
  MaxPool2D pool = op.as<MaxPool2D>();
  if (!widen(pool.padding, more, pool.filter.rows, pool.filter.columns)) return std::nullopt;
  return pool;
}

/// The padded consumers of one PAD, or nothing when one of them needs the PAD: the copy is made anyway then.
std::vector<Attributes> fold_into(const Graph &graph, const Op &pad, const std::vector<OpId> &users) {
  const Tensor &padded = graph.tensor(pad.output());
  const std::optional<Padding2D> more = spatial_padding(pad.as<Pad>());
  if (!more || !same_meaning(graph.tensor(pad.inputs[0]), padded)) return {};
  std::vector<Attributes> folded;
  for (const OpId user : users) {
    std::optional<Attributes> attributes = padded_by_itself(graph, graph.op(user), padded, *more);
    if (!attributes) return {};
    folded.push_back(std::move(*attributes));
  }
  return folded;
}

}  // namespace

Result<Graph> fold_padding(Graph graph) {
  std::vector<std::vector<OpId>> users = consumers(graph);
  std::vector<bool> is_kept(graph.tensors.size()), removed(graph.ops.size());
  for (const TensorId id : kept_tensors(graph)) is_kept[static_cast<std::size_t>(id)] = true;
  // From the end, so that of several PADs in a row the last one goes first.
  for (std::size_t i = graph.ops.size(); i-- > 0;) {
    if (graph.ops[i].is<Pad>() && pads_nothing(graph.ops[i].as<Pad>())) graph.ops[i].attributes = Reshape{};
    const Op pad = graph.ops[i];
    if (!pad.is<Pad>() || is_kept[static_cast<std::size_t>(pad.output())]) continue;
    std::vector<OpId> &readers = users[static_cast<std::size_t>(pad.output())];
    std::vector<Attributes> folded = fold_into(graph, pad, readers);
    if (folded.empty()) continue;
    removed[i] = true;
    std::vector<OpId> &above = users[static_cast<std::size_t>(pad.inputs[0])];
    std::erase(above, static_cast<OpId>(i));
    for (std::size_t r = 0; r < readers.size(); ++r) {
      Op &reader = graph.ops[static_cast<std::size_t>(readers[r])];
      reader.attributes = std::move(folded[r]);
      reader.inputs[0] = pad.inputs[0];
      above.push_back(readers[r]);
    }
  }
  remove_ops(graph, removed);
  remove_unused_tensors(graph);
  return graph;
}

}  // namespace thimble
