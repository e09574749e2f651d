#include "thimble/schedule/sum_bytes.h"

#include <algorithm>
#include <cstring>

#include "thimble/graph/parameters.h"
#include "thimble/schedule/variant.h"

namespace thimble {
namespace {

struct Interval {
  std::int64_t least = 0, most = 0;

  void shift(std::int64_t by) {
    least += by;
    most += by;
  }
  void add(const Interval &other) {
    least = std::min(least, other.least);
    most = std::max(most, other.most);
  }
};

/// Sums of some products of values in `x` with weights that add up to `positive` and `negative`.
Interval products(const Interval &x, std::int64_t positive, std::int64_t negative) {
  const std::int64_t low = std::min<std::int64_t>(x.least, 0);
  const std::int64_t high = std::max<std::int64_t>(x.most, 0);
  return {positive * low + negative * high, positive * high + negative * low};
}

/// All partial sums of one output channel.
Interval sums_of(std::span<const std::int8_t> weights, std::int64_t bias, std::int64_t input_offset) {
  std::int64_t positive = 0;
  std::int64_t negative = 0;
  for (const std::int8_t weight : weights) (weight > 0 ? positive : negative) += weight;
  const Interval stored{-128, 127};
  // Zero points taken off before the products, without the bias and with it ...
  Interval centred = products({stored.least + input_offset, stored.most + input_offset}, positive, negative);
  Interval sums = centred;
  centred.shift(bias);
  sums.add(centred);
  // ... or once for all, as a part of the bias.
  Interval folded = products(stored, positive, negative);
  folded.shift(bias + input_offset * (positive + negative));
  sums.add(folded);
  return sums;
}

}  // namespace

std::int32_t full_sum_bytes(const Graph &graph, const Op &op) {
  return size_of(accumulator_type(graph, op));
}

std::int32_t least_sum_bytes(const Graph &graph, const Op &op) {
  const std::int32_t full = full_sum_bytes(graph, op);
  const bool filters = op.is<Conv2D>() || op.is<FullyConnected>();
  if (!filters || graph.tensor(op.output()).type != ElementType::int8) return full;
  const Tensor &weights = graph.tensor(op.inputs[1]);
  if (!weights.constant() || weights.type != ElementType::int8 || weights.shape.empty()) return full;
  const std::int64_t outputs = weights.shape[0];
  const Tensor *bias = op.inputs.size() > 2 && op.inputs[2] != kNone ? &graph.tensor(op.inputs[2]) : nullptr;
  if (outputs == 0 || (bias != nullptr && (!bias->constant() || bias->type != ElementType::int32)))
    return full;
  const auto *data = reinterpret_cast<const std::int8_t *>(weights.data->data());
  const auto stride = static_cast<std::size_t>(weights.elements() / outputs);
  const std::int64_t offset = filter_parameters(graph, op).input_offset;
  Interval sums;
  for (std::int64_t o = 0; o < outputs; ++o) {
    std::int32_t own = 0;
    if (bias != nullptr) std::memcpy(&own, bias->data->data() + o * 4, sizeof own);
    sums.add(sums_of({data + static_cast<std::size_t>(o) * stride, stride}, own, offset));
  }
  for (const std::int32_t bytes : {2, 3}) {
    const std::int64_t limit = std::int64_t{1} << (8 * bytes - 1);
    if (-limit <= sums.least && sums.most < limit) return bytes;
  }
  return full;
}

std::int32_t sum_bytes(const Graph &graph, const Stage &stage) {
  return stage.sum_bytes > 0 ? stage.sum_bytes : full_sum_bytes(graph, graph.op(stage.ops.back().op));
}

}  // namespace thimble
