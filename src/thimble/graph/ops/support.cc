#include "thimble/graph/ops/support.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace thimble::rules {
namespace {

std::string text(ElementType type) {
  return name_of(type);
}

}  // namespace

tl::unexpected<Error> refuse(const Graph &graph, const Op &op, std::string reason, std::string hint) {
  return failure(at_op(graph, op, std::move(reason), std::move(hint)));
}

const Tensor *input_or_null(const Graph &graph, const Op &op, std::size_t i) {
  return i < op.inputs.size() && op.inputs[i] != kNone ? &graph.tensor(op.inputs[i]) : nullptr;
}

Result<void> expect_inputs(const Graph &graph, const Op &op, std::size_t required, std::size_t optional) {
  if (op.inputs.size() < required || op.inputs.size() > required + optional) {
    return refuse(graph, op,
                  "has " + std::to_string(op.inputs.size()) + " inputs instead of " +
                      std::to_string(required) +
                      (optional > 0 ? " to " + std::to_string(required + optional) : ""));
  }
  for (std::size_t i = 0; i < required; ++i) {
    if (op.inputs[i] == kNone) return refuse(graph, op, "lacks input " + std::to_string(i));
  }
  return {};
}

Result<void> expect_rank(const Graph &graph, const Op &op, const Tensor &tensor, int rank, const char *what) {
  if (tensor.rank() == rank) return {};
  return refuse(graph, op,
                std::string(what) + " has " + std::to_string(tensor.rank()) + " axes instead of " +
                    std::to_string(rank));
}

Result<void> expect_types(const Graph &graph, const Op &op, std::initializer_list<ElementType> types) {
  const ElementType type = input(graph, op, 0).type;
  if (std::find(types.begin(), types.end(), type) == types.end()) {
    return refuse(graph, op, "is not supported on " + text(type), "convert the model to int8 or float32");
  }
  const ElementType result = output(graph, op).type;
  if (result != type) {
    return refuse(graph, op, "turns " + text(type) + " into " + text(result),
                  "convert the model to int8 or float32");
  }
  return {};
}

Result<void> expect_one_scale(const Graph &graph, const Op &op, const Tensor &tensor, const char *what) {
  if (!tensor.quantization.present()) {
    return refuse(graph, op, std::string(what) + " has no quantisation",
                  "convert the model with full integer quantisation");
  }
  if (tensor.quantization.per_channel()) {
    return refuse(graph, op, std::string(what) + " is quantised per channel",
                  "quantise activations per tensor");
  }
  return {};
}

Result<void> expect_quantized(const Graph &graph, const Op &op, const Tensor &tensor, const char *what) {
  if (auto ok = expect_one_scale(graph, op, tensor, what); !ok) return ok;
  if (tensor.type == ElementType::int16 && tensor.quantization.zero_point() != 0) {
    return refuse(graph, op, std::string(what) + " is int16 with a zero point other than 0",
                  "quantise 16-bit activations symmetrically");
  }
  return {};
}

Result<void> expect_arithmetic(const Graph &graph, const Op &op) {
  auto types = expect_types(graph, op, {ElementType::int8, ElementType::int16, ElementType::float32});
  if (!types) return types;
  const Tensor &result = output(graph, op);
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const Tensor &tensor = input(graph, op, i);
    if (tensor.type != result.type) {
      return refuse(graph, op, "mixes " + text(tensor.type) + " with " + text(result.type),
                    "convert the model to one type of activations");
    }
    if (!is_integer(tensor.type)) continue;
    if (auto ok = expect_quantized(graph, op, tensor, "an input"); !ok) return ok;
  }
  return is_integer(result.type) ? expect_quantized(graph, op, result, "the output") : Result<void>{};
}

Result<void> expect_shift(const Graph &graph, const Op &op, QuantizedMultiplier m, std::int32_t most) {
  if (m.shift <= most) return {};
  return refuse(
      graph, op,
      "scales its sum up by about 2^" + std::to_string(m.shift) + ", more than 2^" + std::to_string(most),
      "the quantisation of its tensors is broken: calibrate again");
}

Result<void> expect_same_type(const Graph &graph, const Op &op) {
  const ElementType type = output(graph, op).type;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (input(graph, op, i).type != type) {
      return refuse(graph, op, "moves " + text(input(graph, op, i).type) + " into " + text(type));
    }
  }
  return {};
}

Result<std::int32_t> window_positions(const Graph &graph, const Op &op, const char *axis, std::int32_t length,
                                      const Window &window) {
  const std::string where = std::string(" along ") + axis;
  if (window.size < 1 || window.stride < 1 || window.dilation < 1) {
    return refuse(graph, op, "has a filter size, stride or dilation below 1" + where);
  }
  const std::int64_t extent = (std::int64_t{window.size} - 1) * window.dilation + 1;
  if (extent > std::numeric_limits<std::int32_t>::max()) {
    return refuse(graph, op, "has a filter that spans more than 2147483647 elements" + where);
  }
  if (window.before < 0 || window.after < 0 || window.before >= extent || window.after >= extent) {
    return refuse(graph, op, "has padding that is negative or not smaller than its filter" + where,
                  "pad with a PAD operator instead");
  }
  const std::int64_t room = std::int64_t{length} + window.before + window.after - extent;
  if (room < 0) return refuse(graph, op, "has a filter larger than its padded input" + where);
  const std::int64_t positions = room / window.stride + 1;
  if (positions > std::numeric_limits<std::int32_t>::max()) {
    return refuse(graph, op, "has more than 2147483647 positions" + where);
  }
  return static_cast<std::int32_t>(positions);
}

AxisMap window_map(int output_axis, const Window &window) {
  return {AxisMap::Kind::follow, output_axis,
          window.stride,         1,
          -window.before,        (window.size - 1) * window.dilation + 1};
}

Footprint same_footprint(int rank) {
  Footprint maps;
  for (int a = 0; a < rank; ++a) maps.push_back(AxisMap::same(a));
  return maps;
}

Footprint per_channel_footprint(int rank, int output_axis) {
  Footprint maps(static_cast<std::size_t>(rank), AxisMap::whole());
  if (rank > 0) maps.back() = AxisMap::same(output_axis);
  return maps;
}

Footprint broadcast_footprint(const Graph &graph, const Op &op, int index) {
  const Tensor &from = input(graph, op, static_cast<std::size_t>(index));
  const Tensor &to = output(graph, op);
  Footprint maps;
  for (int a = 0; a < from.rank(); ++a) {
    const int axis = a + to.rank() - from.rank();
    const bool repeated = from.shape[static_cast<std::size_t>(a)] != to.shape[static_cast<std::size_t>(axis)];
    maps.push_back(repeated ? AxisMap::whole() : AxisMap::same(axis));
  }
  return maps;
}

Result<Shape> broadcast_shape(const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 2); !ok) return tl::unexpected(ok.error());
  const Shape &a = input(graph, op, 0).shape;
  const Shape &b = input(graph, op, 1).shape;
  Shape shape(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < shape.size(); ++i) {  // from the last axis
    const std::int32_t of_a = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int32_t of_b = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (of_a != of_b && of_a != 1 && of_b != 1) {
      return refuse(graph, op,
                    "cannot broadcast lengths " + std::to_string(of_a) + " and " + std::to_string(of_b));
    }
    shape[shape.size() - 1 - i] = std::max(of_a, of_b);
  }
  return shape;
}

InPlace element_wise_in_place(const Graph &graph, const Op &op, int index) {
  const Tensor &from = input(graph, op, static_cast<std::size_t>(index));
  const Tensor &to = output(graph, op);
  return from.shape == to.shape && size_of(from.type) == size_of(to.type) ? InPlace::ascending : InPlace::no;
}

Result<void> expect_filter_inputs(const Graph &graph, const Op &op, int weight_rank, int weight_axis,
                                  bool may_compute_weights) {
  if (auto ok = expect_inputs(graph, op, 2, 1); !ok) return ok;
  const Tensor &weights = input(graph, op, 1);
  if (auto ok = expect_rank(graph, op, weights, weight_rank, "the weights"); !ok) return ok;
  const Tensor *bias = input_or_null(graph, op, 2);
  if ((!weights.constant() && !may_compute_weights) || (bias != nullptr && !bias->constant())) {
    return refuse(graph, op, "has weights or a bias that are not constant",
                  "freeze the model before converting");
  }
  const std::int32_t channels = weights.shape[static_cast<std::size_t>(weight_axis)];
  if (bias != nullptr && (bias->elements() != channels || (channels > 1 && bias->shape.back() != channels))) {
    return refuse(
        graph, op,
        "has " + std::to_string(bias->elements()) + " biases for " + std::to_string(channels) + " channels");
  }
  return {};
}

}  // namespace thimble::rules
