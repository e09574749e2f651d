#include "thimble/graph/lstm.h"
#include "thimble/graph/ops/support.h"

namespace thimble::rules {
namespace {

Result<void> expect_shape(const Graph &graph, const Op &op, std::size_t index, const Shape &shape,
                          const char *what) {
  const Tensor &tensor = input(graph, op, index);
  if (auto ok = expect_rank(graph, op, tensor, static_cast<int>(shape.size()), what); !ok) return ok;
  if (tensor.shape == shape) return {};
  std::string wanted;
  for (const std::int32_t length : shape) wanted += (wanted.empty() ? "" : ",") + std::to_string(length);
  return refuse(graph, op, std::string("needs ") + what + " of the shape [" + wanted + "]");
}

Result<void> expect_type(const Graph &graph, const Op &op, std::size_t index, ElementType type,
                         const char *what) {
  const Tensor &tensor = input(graph, op, index);
  if (tensor.type == type) return {};
  return refuse(
      graph, op,
      std::string("has ") + what + " of type " + name_of(tensor.type) + " instead of " + name_of(type),
      "use full integer quantisation with activations of 8 bits, or float32");
}

Result<void> expect_scales(const Graph &graph, const Op &op, float clip) {
  if (auto ok = expect_quantized(graph, op, input(graph, op, 0), "the input"); !ok) return ok;
  if (auto ok = expect_quantized(graph, op, input(graph, op, kLstmHidden), "the outputs before"); !ok)
    return ok;
  const Tensor &cells = input(graph, op, kLstmCell);
  if (auto ok = expect_quantized(graph, op, cells, "the cells"); !ok) return ok;
  if (cell_exponent(cells) > 0) {
    return refuse(graph, op, "has cells whose scale is no power of two up to 1",
                  "convert the model with TensorFlow Lite's own quantisation");
  }
  for (std::size_t i = kLstmWeights; i < kLstmBias; ++i) {
    const Tensor &weights = input(graph, op, i);
    if (auto ok = expect_quantized(graph, op, weights, "the weights"); !ok) return ok;
    if (weights.quantization.zero_point() != 0)
      return refuse(graph, op, "has weights with a zero point other than 0",
                    "quantise weights symmetrically");
  }
  const LstmParameters parameters = lstm_parameters(graph, op, clip);
  for (std::size_t gate = 0; gate < kLstmGates; ++gate) {
    for (const QuantizedMultiplier m : {parameters.input[gate], parameters.recurrent[gate]}) {
      if (auto ok = expect_shift(graph, op, m); !ok) return ok;
    }
  }
  for (const QuantizedMultiplier m : {parameters.forget, parameters.update, parameters.output.scale}) {
    if (auto ok = expect_shift(graph, op, m); !ok) return ok;
  }
  return {};
}

}  // namespace

Result<Shape> output_shape(const LstmCells &lstm, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, kLstmInputs); !ok) return tl::unexpected(ok.error());
  const Tensor &x = input(graph, op, 0), &first = input(graph, op, kLstmWeights);
  if (auto ok = expect_rank(graph, op, x, 3, "the input"); !ok) return tl::unexpected(ok.error());
  if (auto ok = expect_rank(graph, op, first, 2, "the weights"); !ok) return tl::unexpected(ok.error());
  const std::int32_t features = x.shape[2], units = first.shape[0];
  if (units > std::numeric_limits<std::int32_t>::max() / 2) return refuse(graph, op, "has too many cells");
  for (std::size_t gate = 0; gate < kLstmGates; ++gate) {
    for (const auto &[index, shape, what] :
         {std::tuple{kLstmWeights + gate, Shape{units, features}, "weights of the input"},
          std::tuple{kLstmRecurrent + gate, Shape{units, units}, "weights of the outputs before"},
          std::tuple{kLstmBias + gate, Shape{units}, "biases"}}) {
      if (auto ok = expect_shape(graph, op, index, shape, what); !ok) return tl::unexpected(ok.error());
      if (!input(graph, op, index).constant()) {
        return refuse(graph, op, "has weights or biases that are not constant",
                      "freeze the model before converting");
      }
    }
  }
  const Shape state{x.shape[lstm.time_major ? 1 : 0], units};
  if (auto ok = expect_shape(graph, op, kLstmHidden, state, "a state of outputs"); !ok)
    return tl::unexpected(ok.error());
  if (auto ok = expect_shape(graph, op, kLstmCell, state, "a state of cells"); !ok)
    return tl::unexpected(ok.error());
  return Shape{x.shape[0], x.shape[1], 2 * units};
}

Result<void> check_types(const LstmCells &lstm, const Graph &graph, const Op &op) {
  const Tensor &x = input(graph, op, 0), &next = output(graph, op);
  const bool real = x.type == ElementType::float32;
  if (!real && x.type != ElementType::int8) {
    return refuse(graph, op, std::string("is not supported for ") + name_of(x.type),
                  "use full integer quantisation with activations of 8 bits, or float32");
  }
  for (std::size_t gate = 0; gate < kLstmGates; ++gate) {
    if (auto ok = expect_type(graph, op, kLstmWeights + gate, x.type, "weights"); !ok) return ok;
    if (auto ok = expect_type(graph, op, kLstmRecurrent + gate, x.type, "weights"); !ok) return ok;
    const ElementType sums = real ? x.type : ElementType::int32;
    if (auto ok = expect_type(graph, op, kLstmBias + gate, sums, "biases"); !ok) return ok;
  }
  const ElementType cell = real ? x.type : ElementType::int16;
  if (auto ok = expect_type(graph, op, kLstmHidden, x.type, "a state of outputs"); !ok) return ok;
  if (auto ok = expect_type(graph, op, kLstmCell, cell, "a state of cells"); !ok) return ok;
  if (next.type != cell || !(next.quantization == input(graph, op, kLstmCell).quantization))
    return refuse(graph, op, "has next cells of another type or quantisation than its cells");
  return real ? Result<void>() : expect_scales(graph, op, lstm.clip);
}

// Each step needs all of the outputs before it.
Footprint footprint(const LstmCells &lstm, const Graph &graph, const Op &op, int index) {
  const int batch = lstm.time_major ? 1 : 0;
  Footprint maps(static_cast<std::size_t>(input(graph, op, static_cast<std::size_t>(index)).rank()),
                 AxisMap::whole());
  if (index == 0) maps[static_cast<std::size_t>(batch)] = AxisMap::same(batch);
  if (static_cast<std::size_t>(index) >= kLstmHidden) maps[0] = AxisMap::same(batch);
  return maps;
}

std::int64_t macs(const LstmCells &lstm, const Graph &graph, const Op &op, const Region &tile,
                  const Range &) {
  const std::size_t batch = lstm.time_major ? 1 : 0;
  const Shape &weights = input(graph, op, kLstmWeights).shape;
  // A part of the output takes all the steps before it.
  const std::int64_t steps = std::int64_t{tile.axis[batch].size()} * tile.axis[1 - batch].end;
  return steps * kLstmGates * weights[0] * (std::int64_t{weights[0]} + weights[1]);
}

InPlace in_place(const LstmCells &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
