#include "thimble/rewrite/float_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "thimble/graph/parameters.h"
#include "thimble/graph/rules.h"
#include "thimble/rewrite/float_filter.h"

namespace thimble {

namespace {

/// Zeros are multiples of every power of two; large enough not to matter in a minimum.
constexpr int kQuantumOfZero = 127;

/// The exponent of the lowest bit that is set.
int quantum_of(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t exponent = bits >> 23 & 0xff, fraction = bits & 0x7fffff;
  if (exponent == 0 && fraction == 0) return kQuantumOfZero;
  const std::uint32_t mantissa = exponent == 0 ? fraction : fraction | 0x800000;
  return static_cast<int>(std::max(exponent, 1u)) - 150 + std::countr_zero(mantissa);
}

FloatValues union_of(const FloatValues &a, const FloatValues &b) {
  return {std::min(a.quantum, b.quantum), std::max(a.most, b.most), a.minus_zero || b.minus_zero};
}

/// The limits of all activations are 0 or multiples of 1.
FloatValues clamped(FloatValues values, Activation activation) {
  const FloatRange range = activation_range(activation);
  values.quantum = std::min(values.quantum, 0);
  values.most = std::min(values.most, double{std::max(std::abs(range.min), std::abs(range.max))});
  return values;
}

/// scale * n for whole n, rounded to a float: still a multiple of what the scale is a multiple of.
FloatValues dequantized(const Tensor &x) {
  const float scale = x.quantization.scale();
  if (x.type == ElementType::int32 || !(scale > 0.0f)) return {};
  const IntegerRange range = range_of(x.type);
  const double zero_point = x.quantization.zero_point();
  const double most = 2.0 * scale * std::max(range.max - zero_point, zero_point - range.min);
  if (most > std::numeric_limits<float>::max()) return {};
  return {quantum_of(scale), most, false};
}

/// A sum starts at +0 and so never becomes -0: x + -x and +0 + -0 are +0. Neither does it with the bias.
FloatValues filtered(const Graph &graph, const Op &op, const FloatValues &x) {
  const FloatFilter filter(graph, op);
  const FloatValues weights = values_of(filter.weights), bias = values_of(filter.bias);
  const int products = x.quantum + weights.quantum;
  FloatValues sum;
  sum.quantum = products < kLeastQuantum ? kLeastQuantum : std::min(products, bias.quantum);
  sum.most = 0.0;
  for (std::size_t channel = 0; channel < filter.bias.size(); ++channel)
    sum.most = std::max(sum.most, sum_bound(x.most, filter.weights_of(channel), filter.bias[channel]));
  sum.minus_zero = false;
  return clamped(sum, activation_of(op));
}

FloatValues values_of_result(const Graph &graph, const Op &op, const std::vector<FloatValues> &known) {
  const auto input = [&](std::size_t i) { return known[static_cast<std::size_t>(op.inputs[i])]; };
  if (op.is<Dequantize>()) return dequantized(graph.tensor(op.inputs[0]));
  if (is_float_filter(graph, op)) return filtered(graph, op, input(0));
  if (op.is<Logistic>()) return {kLeastQuantum, 1.0, false};
  if (op.is<MaxPool2D>()) {
    // A window of nothing but not-a-numbers gives the least number.
    FloatValues values = input(0);
    values.most = std::numeric_limits<float>::max();
    return clamped(values, op.as<MaxPool2D>().activation);
  }
  if (!moves_elements(op)) return {};
  FloatValues values = input(0);
  for (std::size_t i = 1; i < op.inputs.size(); ++i) values = union_of(values, input(i));
  return values;
}

}  // namespace

FloatValues values_of(std::span<const float> constants) {
  FloatValues values{kQuantumOfZero, 0.0, false};
  for (const float constant : constants) {
    if (!std::isfinite(constant)) return {};
    values = union_of(values, {quantum_of(constant), std::abs(double{constant}),
                               constant == 0.0f && std::signbit(constant)});
  }
  return values;
}

std::vector<FloatValues> float_values(const Graph &graph) {
  std::vector<FloatValues> known(graph.tensors.size());
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    const Tensor &tensor = graph.tensors[i];
    if (tensor.constant() && tensor.type == ElementType::float32) known[i] = values_of(floats_of(tensor));
  }
  for (const Op &op : graph.ops) {
    if (graph.tensor(op.output()).type == ElementType::float32)
      known[static_cast<std::size_t>(op.output())] = values_of_result(graph, op, known);
  }
  return known;
}

double sum_bound(double most, std::span<const float> weights, float bias) {
  constexpr std::size_t kMostTerms = std::size_t{1} << 20;
  if (weights.size() > kMostTerms) return std::numeric_limits<double>::infinity();
  double sum = 0.0;
  for (const float weight : weights) sum += std::abs(double{weight});
  // Infinity times nothing but zeros is not a number, which is no bound.
  const double bound = 2.0 * (most * sum + std::abs(double{bias}));
  return std::isnan(bound) ? std::numeric_limits<double>::infinity() : bound;
}

std::vector<float> floats_of(const Tensor &tensor) {
  std::vector<float> values(static_cast<std::size_t>(tensor.elements()));
  if (!values.empty()) std::memcpy(values.data(), tensor.data->data(), values.size() * sizeof(float));
  return values;
}

}  // namespace thimble
