#include "thimble/soi/deviation.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "thimble/soi/time_ops.h"

namespace thimble::soi {
namespace {

template <class T>
double stored(const Bytes &bytes, std::size_t element) {
  T value;
  std::memcpy(&value, bytes.data() + element * sizeof(T), sizeof(T));
  return static_cast<double>(value);
}

double value_at(const Tensor &tensor, const Bytes &bytes, std::size_t element) {
  switch (tensor.type) {
    case ElementType::int8:
      return stored<std::int8_t>(bytes, element);
    case ElementType::uint8:
    case ElementType::boolean:
      return stored<std::uint8_t>(bytes, element);
    case ElementType::int16:
      return stored<std::int16_t>(bytes, element);
    case ElementType::int32:
      return stored<std::int32_t>(bytes, element);
    case ElementType::int64:
      return stored<std::int64_t>(bytes, element);
    case ElementType::float32:
      return stored<float>(bytes, element);
  }
  return 0;
}

/// A tensor delayed and held, appended to the graph.
Result<TensorId> replacement(Graph &graph, TensorId tensor, int axis, std::int32_t shift, std::int32_t factor,
                             Extrapolation extrapolation) {
  const std::int32_t length = graph.tensor(tensor).shape[static_cast<std::size_t>(axis)];
  Result<TensorId> made = shift > 0 ? shifted(graph, tensor, axis, shift) : tensor;
  if (made) made = thinned(graph, *made, axis, factor);
  if (made) made = extrapolate(graph, *made, axis, factor, length, extrapolation);
  return made;
}

/// The network in which the ways out of these regions are replaced.
Result<Graph> injected(const Timed &network, const std::vector<Position> &chosen, const Pairs &pairs) {
  const Graph &old = network.graph;
  Graph graph = old;
  graph.ops.clear();
  std::vector<TensorId> now(old.tensors.size());
  for (std::size_t t = 0; t < now.size(); ++t) now[t] = static_cast<TensorId>(t);
  for (const Op &from : old.ops) {
    Op op = from;
    for (TensorId &input : op.inputs) {
      if (input != kNone) input = now[static_cast<std::size_t>(input)];
    }
    const TensorId made = op.output();
    graph.ops.push_back(std::move(op));
    // Regions that end in one tensor hold it as long as the innermost of them.
    std::int32_t factor = 1, shift = 0;
    for (const Position &position : chosen) {
      if (position.exit != made) continue;
      bool outermost = true;
      std::int32_t divisor = pairs.factor;
      for (const Position &other : chosen) {
        if (other.number == position.number || !within(position, other)) continue;
        outermost = false;
        divisor *= pairs.factor;
      }
      factor = std::max(factor, divisor);
      if (outermost) shift = pairs.shift;
    }
    if (factor == 1) continue;
    const auto other =
        replacement(graph, made, network.axes.of(made).axis, shift, factor, pairs.extrapolation);
    if (!other) return tl::unexpected(other.error());
    now[static_cast<std::size_t>(made)] = *other;
  }
  if (auto ok = verify(graph); !ok) return tl::unexpected(ok.error());
  return graph;
}

}  // namespace

void Deviation::add(const Tensor &tensor, const Bytes &expected, const Bytes &found) {
  const double scale =
      is_integer(tensor.type) && tensor.quantization.present() ? double{tensor.quantization.scale()} : 1.0;
  const double zero = tensor.quantization.zero_point();
  const std::size_t elements = expected.size() / static_cast<std::size_t>(size_of(tensor.type));
  for (std::size_t i = 0; i < elements; ++i) {
    const double a = value_at(tensor, expected, i), b = value_at(tensor, found, i);
    signal += scale * (a - zero) * scale * (a - zero);
    error += scale * (a - b) * scale * (a - b);
  }
}

double Deviation::share() const {
  if (error == 0) return 0;
  return signal == 0 ? std::numeric_limits<double>::infinity() : error / signal;
}

double Deviation::decibels() const {
  return -10.0 * std::log10(share());
}

Result<Baseline> run_windows(const Graph &graph, const Windows &windows) {
  Baseline baseline;
  for (const Bytes &window : windows) {
    auto tensors = interpret(graph, {window});
    if (!tensors) return tl::unexpected(tensors.error());
    baseline.push_back(std::move(*tensors));
  }
  return baseline;
}

Result<Deviation> held_error(const Timed &network, const Position &position, const Pairs &pairs,
                             const Baseline &baseline) {
  const Tensor &exit = network.graph.tensor(position.exit);
  Graph graph;
  graph.file = network.graph.file;
  graph.tensors = {exit};
  Op input;
  input.attributes = Input{};
  input.outputs = {0};
  graph.ops = {input};
  graph.inputs = {0};
  const auto held = replacement(graph, 0, network.axes.of(position.exit).axis, pairs.shift, pairs.factor,
                                pairs.extrapolation);
  if (!held) return tl::unexpected(held.error());
  graph.outputs = {*held};
  Deviation deviation;
  for (const std::vector<Bytes> &tensors : baseline) {
    const Bytes &expected = tensors[static_cast<std::size_t>(position.exit)];
    const auto found = interpret_outputs(graph, {expected});
    if (!found) return tl::unexpected(found.error());
    deviation.add(exit, expected, (*found)[0]);
  }
  return deviation;
}

Result<Deviation> output_error(const Graph &network, const Graph &other, const Windows &windows,
                               const Baseline &baseline) {
  Deviation deviation;
  for (std::size_t w = 0; w < windows.size(); ++w) {
    const auto found = interpret_outputs(other, {windows[w]});
    if (!found) return tl::unexpected(found.error());
    for (std::size_t i = 0; i < network.outputs.size(); ++i) {
      const TensorId output = network.outputs[i];
      deviation.add(network.tensor(output), baseline[w][static_cast<std::size_t>(output)], (*found)[i]);
    }
  }
  return deviation;
}

Result<Deviation> injected_error(const Timed &network, const std::vector<Position> &positions,
                                 const Pairs &pairs, const Windows &windows, const Baseline &baseline) {
  const auto chosen = choose(network, positions, pairs.numbers);
  if (!chosen) return tl::unexpected(chosen.error());
  const auto graph = injected(network, *chosen, pairs);
  if (!graph) return tl::unexpected(graph.error());
  return output_error(network.graph, *graph, windows, baseline);
}

}  // namespace thimble::soi
