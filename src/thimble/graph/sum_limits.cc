#include "thimble/graph/sum_limits.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "thimble/graph/parameters.h"

namespace thimble {
namespace {

SumLimits shifted(const SumLimits &limits, std::int64_t by) {
  return {limits.least + by, limits.most + by};
}

SumLimits both(const SumLimits &a, const SumLimits &b) {
  return {std::min(a.least, b.least), std::max(a.most, b.most)};
}

/// Sums of some products of values in `x` with weights that add up to `positive` and `negative`.
SumLimits products(const SumLimits &x, std::int64_t positive, std::int64_t negative) {
  const std::int64_t low = std::min<std::int64_t>(x.least, 0);
  const std::int64_t high = std::max<std::int64_t>(x.most, 0);
  return {positive * low + negative * high, positive * high + negative * low};
}

/// Of one output channel.
SumLimits sums_of(std::span<const std::int8_t> weights, std::int64_t bias, std::int64_t input_offset) {
  std::int64_t positive = 0;
  std::int64_t negative = 0;
  for (const std::int8_t weight : weights) (weight > 0 ? positive : negative) += weight;
  const SumLimits stored{-128, 127};
  // Zero points taken off before the products, without the bias and with it ...
  const SumLimits centred = products(shifted(stored, input_offset), positive, negative);
  // ... or once for all, as a part of the bias.
  const SumLimits folded = products(stored, positive, negative);
  return both(both(centred, shifted(centred, bias)),
              shifted(folded, bias + input_offset * (positive + negative)));
}

}  // namespace

std::optional<SumLimits> partial_sum_limits(const Graph &graph, const Op &op) {
  const bool filters = op.is<Conv2D>() || op.is<FullyConnected>();
  if (!filters || graph.tensor(op.output()).type != ElementType::int8) return std::nullopt;
  const Tensor &weights = graph.tensor(op.inputs[1]);
  const bool known = weights.constant() && weights.type == ElementType::int8 && !weights.shape.empty();
  if (!known || weights.shape[0] == 0) return std::nullopt;
  const Tensor *bias = bias_of(op) != kNone ? &graph.tensor(bias_of(op)) : nullptr;
  if (bias != nullptr && (!bias->constant() || bias->type != ElementType::int32)) return std::nullopt;
  const auto *data = reinterpret_cast<const std::int8_t *>(weights.data->data());
  const auto stride = static_cast<std::size_t>(weights.elements() / weights.shape[0]);
  const std::int64_t offset = filter_parameters(graph, op).input_offset;
  SumLimits limits;
  for (std::int64_t o = 0; o < weights.shape[0]; ++o) {
    std::int32_t own = 0;
    if (bias != nullptr) std::memcpy(&own, bias->data->data() + o * 4, sizeof own);
    limits = both(limits, sums_of({data + static_cast<std::size_t>(o) * stride, stride}, own, offset));
  }
  return limits;
}

}  // namespace thimble
