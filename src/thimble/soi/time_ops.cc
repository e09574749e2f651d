#include "thimble/soi/time_ops.h"

#include <cstring>
#include <functional>

#include "thimble/graph/edit.h"
#include "thimble/graph/rules.h"

namespace thimble::soi {
namespace {

StridedSlice whole_slice(const Shape &shape) {
  StridedSlice slice;
  slice.begin.assign(shape.size(), 0);
  slice.stride.assign(shape.size(), 1);
  slice.extent = shape;
  slice.shrink.assign(shape.size(), false);
  return slice;
}

/// Does `change` to x as a map [n, rows, columns, channels] in which time has rows or columns:
///
///   x [1,30,64]  --reshape-->  [1,30,1,64]  --change-->  [1,60,1,64]  --reshape-->  [1,60,64]
Result<TensorId> as_map(Graph &graph, TensorId x, int axis,
                        const std::function<Result<TensorId>(TensorId, int)> &change) {
  const Shape shape = graph.tensor(x).shape;
  if (shape.size() == 4 && (axis == 1 || axis == 2)) return change(x, axis);
  const auto at = static_cast<std::size_t>(axis);
  const auto product = [&](std::size_t from, std::size_t to) {
    return static_cast<std::int32_t>(element_count(std::span(shape).subspan(from, to - from)));
  };
  auto map =
      append(graph, Reshape{}, {x}, x, "/map", {product(0, at), shape[at], 1, product(at + 1, shape.size())});
  if (!map) return map;
  auto changed = change(*map, 1);
  if (!changed) return changed;
  Shape back = shape;
  back[at] = graph.tensor(*changed).shape[1];
  return append(graph, Reshape{}, {*changed}, x, "/back", back);
}

/// [channels, rows, columns, channels]: each tap is the identity. Of integers 127 / 127, which rounds back to
/// each value that was.
TensorId add_identity_taps(Graph &graph, TensorId x, Step2D taps) {
  const Tensor &from = graph.tensor(x);
  const bool integers = is_integer(from.type);
  Tensor weights;
  weights.name = from.name + "/taps";
  weights.type = integers ? ElementType::int8 : ElementType::float32;
  if (integers) weights.quantization = {{1.0f / 127.0f}, {0}, 0};
  const std::int32_t channels = from.shape[3], all = taps.rows * taps.columns;
  weights.shape = {channels, taps.rows, taps.columns, channels};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(weights.bytes()));
  for (std::int32_t c = 0; c < channels; ++c) {
    for (std::int32_t tap = 0; tap < all; ++tap) {
      const auto at =
          (static_cast<std::size_t>(c) * static_cast<std::size_t>(all) + static_cast<std::size_t>(tap)) *
              static_cast<std::size_t>(channels) +
          static_cast<std::size_t>(c);
      const float one = 1.0f;
      if (integers) {
        bytes[at] = 127;
      } else {
        std::memcpy(bytes.data() + 4 * at, &one, 4);
      }
    }
  }
  weights.data = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  return add_tensor(graph, std::move(weights));
}

}  // namespace

Result<TensorId> append(Graph &graph, Attributes attributes, std::vector<TensorId> inputs, TensorId like,
                        const char *suffix, Shape declared) {
  Op op;
  op.attributes = std::move(attributes);
  op.inputs = std::move(inputs);
  Tensor made = graph.tensor(like);
  made.name += suffix;
  made.shape = std::move(declared);
  made.data = nullptr;
  const TensorId id = add_tensor(graph, std::move(made));
  op.outputs = {id};
  auto shape = output_shape(graph, op);
  if (!shape) return tl::unexpected(shape.error());
  graph.tensors[static_cast<std::size_t>(id)].shape = std::move(*shape);
  graph.ops.push_back(std::move(op));
  return id;
}

Result<TensorId> shifted(Graph &graph, TensorId x, int axis, std::int32_t elements) {
  const Shape shape = graph.tensor(x).shape;
  Pad pad;
  pad.before.assign(shape.size(), 0);
  pad.after = pad.before;
  pad.before[static_cast<std::size_t>(axis)] = elements;
  const auto padded = append(graph, std::move(pad), {x}, x, "/early");
  if (!padded) return padded;
  return append(graph, whole_slice(shape), {*padded}, x, "/shifted");
}

Result<TensorId> thinned(Graph &graph, TensorId x, int axis, std::int32_t factor) {
  const auto at = static_cast<std::size_t>(axis);
  StridedSlice slice = whole_slice(graph.tensor(x).shape);
  slice.stride[at] = factor;
  slice.extent[at] = (slice.extent[at] + factor - 1) / factor;
  return append(graph, std::move(slice), {x}, x, "/thinned");
}

Result<TensorId> repeated(Graph &graph, TensorId x, int axis, std::int32_t factor) {
  return as_map(graph, x, axis, [&](TensorId map, int along) {
    Shape shape = graph.tensor(map).shape;
    shape[static_cast<std::size_t>(along)] *= factor;
    return append(graph, ResizeNearestNeighbor{}, {map}, map, "/held", shape);
  });
}

Result<TensorId> transposed(Graph &graph, TensorId x, int axis, std::int32_t factor) {
  return as_map(graph, x, axis, [&](TensorId map, int along) {
    Shape shape = graph.tensor(map).shape;
    shape[static_cast<std::size_t>(along)] *= factor;
    TransposeConv conv;
    (along == 1 ? conv.stride.rows : conv.stride.columns) = factor;
    const TensorId weights = add_identity_taps(graph, map, conv.stride);
    return append(graph, conv, {map, weights, kNone}, map, "/transposed", shape);
  });
}

Result<TensorId> cropped(Graph &graph, TensorId x, int axis, std::int32_t length) {
  const auto at = static_cast<std::size_t>(axis);
  StridedSlice slice = whole_slice(graph.tensor(x).shape);
  if (slice.extent[at] == length) return x;
  slice.extent[at] = length;
  return append(graph, std::move(slice), {x}, x, "/cropped");
}

Result<TensorId> averaged(Graph &graph, TensorId x, int axis, std::int32_t length) {
  return as_map(graph, x, axis, [&](TensorId map, int along) -> Result<TensorId> {
    Pad pad{{0, 0, 0, 0}, {0, 0, 0, 0}};
    pad.after[static_cast<std::size_t>(along)] = length - 1;
    const auto padded = append(graph, std::move(pad), {map}, map, "/longer");
    if (!padded) return padded;
    AveragePool2D pool;
    (along == 1 ? pool.filter.rows : pool.filter.columns) = length;
    return append(graph, pool, {*padded}, map, "/between");
  });
}

}  // namespace thimble::soi
