#include "thimble/rewrite/sink_transposes.h"

#include <algorithm>
#include <numeric>

#include "thimble/graph/rules.h"
#include "thimble/rewrite/sweep.h"

namespace thimble {

namespace {

using Permutation = std::vector<std::int32_t>;

bool is_identity(const Permutation &permutation) {
  for (std::size_t a = 0; a < permutation.size(); ++a) {
    if (permutation[a] != static_cast<std::int32_t>(a)) return false;
  }
  return true;
}

/// Whether these axes of `shape` come in ascending order, those of length 1 left out.
bool ascending(const Shape &shape, const Permutation &axes) {
  std::int32_t previous = -1;
  for (const std::int32_t axis : axes) {
    if (shape[static_cast<std::size_t>(axis)] == 1) continue;
    if (axis < previous) return false;
    previous = axis;
  }
  return true;
}

/// The shape that `permutation` turns into `shape`.
Shape before(const Shape &shape, const Permutation &permutation) {
  Shape result(shape.size());
  for (std::size_t a = 0; a < shape.size(); ++a) result[static_cast<std::size_t>(permutation[a])] = shape[a];
  return result;
}

/// The numbers of `values` by size: {7, 2, 5} -> {2, 0, 1}.
Permutation ranks(const Permutation &values) {
  Permutation result;
  for (const std::int32_t value : values) {
    result.push_back(static_cast<std::int32_t>(
        std::count_if(values.begin(), values.end(), [value](std::int32_t other) { return other < value; })));
  }
  return result;
}

/// The TRANSPOSE that makes input `index` of `op`, when nobody else reads its result.
const Op *transpose_above(const GraphSweep &sweep, const Op &op, std::size_t index) {
  const TensorId id = op.inputs[index];
  const Op *above = sweep.producer<Transpose>(id);
  const auto own = std::count(op.inputs.begin(), op.inputs.end(), id);
  return above != nullptr && sweep.uses(id) == own ? above : nullptr;
}

/// Appends a TRANSPOSE, or the RESHAPE that it is.
void append_transpose(GraphSweep &sweep, Op op) {
  if (ascending(sweep.tensor(op.inputs[0]).shape, op.as<Transpose>().permutation)) op.attributes = Reshape{};
  sweep.append(std::move(op));
}

/// Appends `op`, whose inputs are not transposed any more, and `permutation` behind it. `from` is the
/// position in the file of the transpose that sinks.
void append_above_transpose(GraphSweep &sweep, Op op, Permutation permutation, std::int32_t from) {
  if (is_identity(permutation)) return sweep.append(std::move(op));
  Op transpose;
  transpose.outputs = op.outputs;
  transpose.file_index = from;
  Tensor inner = sweep.tensor(op.output());
  inner.name += "/before_transpose";
  inner.shape = before(inner.shape, permutation);
  op.outputs = {sweep.add_tensor(std::move(inner))};
  transpose.inputs = op.outputs;
  transpose.attributes = Transpose{std::move(permutation)};
  sweep.append(std::move(op));
  append_transpose(sweep, std::move(transpose));
}

void sink_into_transpose(GraphSweep &sweep, Op op) {
  if (const Op *above = sweep.producer<Transpose>(op.inputs[0])) {
    const Permutation &first = above->as<Transpose>().permutation;
    Transpose joined = op.as<Transpose>();
    for (std::int32_t &axis : joined.permutation) axis = first[static_cast<std::size_t>(axis)];
    const TensorId from = above->inputs[0];
    op.attributes = std::move(joined);
    sweep.reroute(op, 0, from);
  }
  append_transpose(sweep, std::move(op));
}

bool sink_into_mean(GraphSweep &sweep, Op &op) {
  const Op *above = transpose_above(sweep, op, 0);
  if (above == nullptr) return false;
  const TensorId x = above->inputs[0];
  const Permutation permutation = above->as<Transpose>().permutation;
  Mean mean = op.as<Mean>();
  const auto averaged = [axes = mean.axes](std::size_t axis) {
    return std::find(axes.begin(), axes.end(), static_cast<std::int32_t>(axis)) != axes.end();
  };
  for (std::int32_t &axis : mean.axes) axis = permutation[static_cast<std::size_t>(axis)];
  const bool order_matters = !is_integer(sweep.tensor(x).type);
  if (!same_meaning(sweep.tensor(x), sweep.tensor(op.inputs[0])) ||
      (order_matters && !ascending(sweep.tensor(x).shape, mean.axes))) {
    return false;
  }
  Permutation left;
  for (std::size_t a = 0; a < permutation.size(); ++a) {
    if (mean.keep_dims || !averaged(a)) left.push_back(permutation[a]);
  }
  std::sort(mean.axes.begin(), mean.axes.end());
  op.attributes = std::move(mean);
  const std::int32_t from = above->file_index;
  sweep.reroute(op, 0, x);
  append_above_transpose(sweep, std::move(op), ranks(left), from);
  return true;
}

/// [1,3,3,160] transposed to [1,160,3,3] and reshaped to [160,3,1,3] is [1,3,3,160] reshaped to [3,3,1,160]
/// and transposed by {3,0,2,1}: the axes longer than 1 are permuted as before, the others stay in place.
bool sink_into_reshape(GraphSweep &sweep, Op &op) {
  const Op *above = transpose_above(sweep, op, 0);
  if (above == nullptr) return false;
  const auto longer = [&sweep](TensorId id) {
    std::vector<std::size_t> axes;
    for (std::size_t a = 0; a < sweep.tensor(id).shape.size(); ++a) {
      if (sweep.tensor(id).shape[a] != 1) axes.push_back(a);
    }
    return axes;
  };
  const std::vector<std::size_t> old_axes = longer(op.inputs[0]), new_axes = longer(op.output());
  const auto equal_length = [&](std::size_t old_axis, std::size_t new_axis) {
    return sweep.tensor(op.inputs[0]).shape[old_axis] == sweep.tensor(op.output()).shape[new_axis];
  };
  if (!std::equal(old_axes.begin(), old_axes.end(), new_axes.begin(), new_axes.end(), equal_length))
    return false;

  Permutation moved;
  for (const std::size_t axis : old_axes) moved.push_back(above->as<Transpose>().permutation[axis]);
  moved = ranks(moved);
  Permutation permutation(sweep.tensor(op.output()).shape.size());
  std::iota(permutation.begin(), permutation.end(), 0);
  for (std::size_t i = 0; i < moved.size(); ++i) {
    permutation[new_axes[i]] = static_cast<std::int32_t>(new_axes[static_cast<std::size_t>(moved[i])]);
  }
  const std::int32_t from = above->file_index;
  sweep.reroute(op, 0, above->inputs[0]);
  append_above_transpose(sweep, std::move(op), std::move(permutation), from);
  return true;
}

/// Whether element o of the output comes from element o of every input, broadcast aside, with no axis playing
/// a part of its own: the footprints say so, and that the bytes may be overwritten one after the other tells
/// such operators from windows of one tap.
bool is_element_wise(const Graph &graph, const Op &op) {
  const Shape &to = graph.tensor(op.output()).shape;
  bool overwrites = false;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (op.inputs[i] == kNone) return false;
    const Shape &from = graph.tensor(op.inputs[i]).shape;
    const Footprint maps = footprint(graph, op, static_cast<int>(i));
    if (from.size() > to.size()) return false;
    for (std::size_t a = 0; a < from.size(); ++a) {
      const std::size_t axis = a + to.size() - from.size();
      const AxisMap &map = maps[a];
      const bool same = map.kind == AxisMap::Kind::follow && map.output_axis == static_cast<int>(axis) &&
                        map.num == 1 && map.den == 1 && map.offset == 0 && map.extent == 1;
      const bool broadcast = from[a] == 1 && to[axis] != 1;
      if (!same && !broadcast) return false;
    }
    overwrites |= in_place(graph, op, static_cast<int>(i)) == InPlace::ascending;
  }
  // QUANTIZE from float32 makes elements narrower; the other way round the transpose would move more bytes.
  return overwrites || (op.is<Quantize>() &&
                        size_of(graph.tensor(op.output()).type) <= size_of(graph.tensor(op.inputs[0]).type));
}

/// Whether a constant that is broadcast to a transposed shape can be transposed back without moving a byte
/// (scalars, one value per channel); `back` becomes its shape then.
bool transposed_back(const Tensor &constant, const Permutation &permutation, Shape &back) {
  Shape shape(permutation.size() - constant.shape.size(), 1);
  shape.insert(shape.end(), constant.shape.begin(), constant.shape.end());
  back = before(shape, permutation);
  return ascending(back, permutation);
}

bool sink_into_element_wise(GraphSweep &sweep, Op &op) {
  const std::size_t rank = sweep.tensor(op.output()).shape.size();
  const Op *above = nullptr;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const Tensor &input = sweep.tensor(op.inputs[i]);
    if (input.constant()) continue;
    const Op *maker = transpose_above(sweep, op, i);
    if (maker == nullptr || input.shape.size() != rank ||
        !same_meaning(sweep.tensor(maker->inputs[0]), input) ||
        (above != nullptr && maker->as<Transpose>().permutation != above->as<Transpose>().permutation)) {
      return false;
    }
    if (above == nullptr) above = maker;
  }
  if (above == nullptr) return false;
  const Permutation permutation = above->as<Transpose>().permutation;
  const std::int32_t from = above->file_index;
  std::vector<Shape> back(op.inputs.size());
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const Tensor &input = sweep.tensor(op.inputs[i]);
    if (input.constant() && !transposed_back(input, permutation, back[i])) return false;
  }
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (!sweep.tensor(op.inputs[i]).constant()) {
      sweep.reroute(op, i, sweep.producer(op.inputs[i])->inputs[0]);
      continue;
    }
    Tensor constant = sweep.tensor(op.inputs[i]);  // shares the bytes
    constant.shape = std::move(back[i]);
    op.inputs[i] = sweep.add_tensor(std::move(constant));
  }
  append_above_transpose(sweep, std::move(op), permutation, from);
  return true;
}

}  // namespace

Result<Graph> sink_transposes(Graph graph) {
  GraphSweep sweep(std::move(graph));
  for (Op op; sweep.next(op);) {
    if (op.is<Transpose>()) {
      sink_into_transpose(sweep, std::move(op));
      continue;
    }
    const bool sunk = op.is<Mean>() ? sink_into_mean(sweep, op)
                      : op.is<Reshape>()
                          ? sink_into_reshape(sweep, op)
                          : is_element_wise(sweep.graph(), op) && sink_into_element_wise(sweep, op);
    if (!sunk) sweep.append(std::move(op));
  }
  return sweep.finish();
}

}  // namespace thimble
