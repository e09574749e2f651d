#include "thimble/graph/ops/fully_connected.h"

#include "thimble/graph/ops/support.h"

namespace thimble {

FeatureAxes feature_axes(const Shape &input, std::int32_t features) {
  std::int64_t product = 1;
  for (int a = static_cast<int>(input.size()) - 1; a >= 0; --a) {
    const std::int64_t inner = product;
    product *= input[static_cast<std::size_t>(a)];
    if (product == features) return {a, static_cast<std::int32_t>(inner)};
    if (product > features) break;
  }
  return {};
}

FeatureRange summed_features(const Graph &graph, const Op &op, const Range &reduction) {
  const Tensor &weights = graph.tensor(op.inputs[1]);
  const FeatureAxes axes = feature_axes(graph.tensor(op.inputs[0]).shape, weights.shape[1]);
  if (axes.first_axis == kNone || !weights.constant()) return {0, weights.shape[1]};
  return {std::int64_t{reduction.begin} * axes.features_per_index,
          std::int64_t{reduction.size()} * axes.features_per_index};
}

namespace rules {

Result<Shape> output_shape(const FullyConnected &dense, const Graph &graph, const Op &op) {
  if (auto ok = expect_filter_inputs(graph, op, 2, 0, true); !ok) return tl::unexpected(ok.error());
  const Tensor &x = input(graph, op, 0);
  const Tensor &weights = input(graph, op, 1);
  const std::int32_t features = weights.shape[1];
  if (features < 1) return refuse(graph, op, "has weights of no features");
  if (x.elements() % features != 0) {
    return refuse(graph, op,
                  "has weights of " + std::to_string(features) + " features for an input of " +
                      std::to_string(x.elements()) + " elements");
  }
  if (!dense.keep_dims) {
    return Shape{static_cast<std::int32_t>(x.elements() / features), weights.shape[0]};
  }
  if (x.rank() == 0 || x.shape.back() != features) {
    return refuse(graph, op,
                  "keeps its axes, but the last one is not the " + std::to_string(features) +
                      " features of its weights");
  }
  Shape shape = x.shape;
  shape.back() = weights.shape[0];
  return shape;
}

Result<void> check_types(const FullyConnected &, const Graph &graph, const Op &op) {
  if (!input(graph, op, 1).constant() && output(graph, op).type != ElementType::float32)
    return refuse(graph, op, "has integer weights that are not constant",
                  "freeze the model before converting");
  return expect_filter_types(graph, op, 0);
}

Footprint footprint(const FullyConnected &dense, const Graph &graph, const Op &op, int index) {
  const Tensor &x = input(graph, op, 0);
  const Tensor &weights = input(graph, op, 1);
  const FeatureAxes axes = feature_axes(x.shape, weights.shape[1]);
  const int channel_axis = output(graph, op).rank() - 1;
  // Weights that are computed have no part of them that is known to lie in one place.
  const AxisMap reduced = weights.constant() ? AxisMap::reduced() : AxisMap::whole();
  if (index == 1) {
    // Only where one index is one feature is the part of the reduction also the part of the weights' columns.
    if (!weights.constant()) return Footprint(2, AxisMap::whole());
    const bool same_units = axes.first_axis != kNone && axes.features_per_index == 1;
    return {AxisMap::same(channel_axis), same_units ? AxisMap::reduced() : AxisMap::whole()};
  }
  if (index == 2) return per_channel_footprint(input(graph, op, 2).rank(), channel_axis);
  if (axes.first_axis == kNone) return Footprint(static_cast<std::size_t>(x.rank()), AxisMap::whole());
  Footprint maps;
  // Rows are numbered over the axes before the features: the first of more than one element follows the
  // output's rows, in steps of what is below it.
  std::int32_t rows = 1;
  for (int a = 0; a < axes.first_axis; ++a) rows *= x.shape[static_cast<std::size_t>(a)];
  bool followed = false;
  for (int a = 0; a < x.rank(); ++a) {
    const std::int32_t length = x.shape[static_cast<std::size_t>(a)];
    if (a >= axes.first_axis) {
      maps.push_back(reduced);
    } else if (dense.keep_dims) {
      maps.push_back(AxisMap::same(a));
    } else {
      rows /= length;
      const bool follows = length > 1 && !followed;
      maps.push_back(follows ? AxisMap{AxisMap::Kind::follow, 0, 1, rows, 0, 1} : AxisMap::whole());
      followed = followed || follows;
    }
  }
  return maps;
}

std::int64_t macs(const FullyConnected &, const Graph &graph, const Op &op, const Region &tile,
                  const Range &reduction) {
  return tile.elements() * summed_features(graph, op, reduction).count;
}

InPlace in_place(const FullyConnected &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace rules
}  // namespace thimble
