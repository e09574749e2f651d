// Verification of a whole graph: tensors by themselves, then how operators connect them, then each operator.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "thimble/base/checked.h"
#include "thimble/graph/graph.h"
#include "thimble/graph/rules.h"

namespace thimble {
namespace {

tl::unexpected<Error> refuse_tensor(const Graph &graph, TensorId id, std::string reason,
                                    std::string hint = "") {
  Diagnostic line;
  line.file = graph.file;
  const bool known = id >= 0 && static_cast<std::size_t>(id) < graph.tensors.size();
  line.tensor = known && !graph.tensor(id).name.empty() ? graph.tensor(id).name : "#" + std::to_string(id);
  line.reason = std::move(reason);
  line.hint = std::move(hint);
  return failure(std::move(line));
}

bool exists(const Graph &graph, TensorId id) {
  return id >= 0 && static_cast<std::size_t>(id) < graph.tensors.size();
}

std::string text(const Shape &shape) {
  std::string all = "[";
  for (std::size_t a = 0; a < shape.size(); ++a) all += (a > 0 ? "," : "") + std::to_string(shape[a]);
  return all + "]";
}

/// Whether a zero point can be stored in the type.
bool holds(ElementType type, std::int32_t zero_point) {
  switch (type) {
    case ElementType::int8:
      return zero_point >= -128 && zero_point <= 127;
    case ElementType::uint8:
      return zero_point >= 0 && zero_point <= 255;
    case ElementType::int16:
      return zero_point >= -32768 && zero_point <= 32767;
    default:
      return true;
  }
}

Result<void> verify_quantization(const Graph &graph, TensorId id) {
  const Tensor &tensor = graph.tensor(id);
  const Quantization &quantization = tensor.quantization;
  if (quantization.scales.size() != quantization.zero_points.size()) {
    return refuse_tensor(graph, id, "has another number of zero points than of scales");
  }
  // Some exporters fold a negative factor (of a batch normalisation) into the scale of a channel of the
  // weights.
  const bool may_be_negative = quantization.per_channel() && tensor.constant();
  for (float scale : quantization.scales) {
    if (!std::isfinite(scale) || scale == 0.0f || (scale < 0.0f && !may_be_negative)) {
      return refuse_tensor(graph, id, "has a quantisation scale that is not a positive finite number",
                           "convert the model again with a calibration set");
    }
  }
  for (std::int32_t zero_point : quantization.zero_points) {
    if (!holds(tensor.type, zero_point)) {
      return refuse_tensor(
          graph, id,
          "has a zero point of " + std::to_string(zero_point) + ", outside " + name_of(tensor.type));
    }
  }
  if (quantization.per_channel()) {
    const bool axis_exists = quantization.axis >= 0 && quantization.axis < tensor.rank();
    if (!axis_exists ||
        quantization.scales.size() !=
            static_cast<std::size_t>(tensor.shape[static_cast<std::size_t>(quantization.axis)])) {
      return refuse_tensor(graph, id,
                           "has " + std::to_string(quantization.scales.size()) + " scales along axis " +
                               std::to_string(quantization.axis) + " of shape " + text(tensor.shape));
    }
  }
  return {};
}

Result<void> verify_tensor(const Graph &graph, TensorId id) {
  const Tensor &tensor = graph.tensor(id);
  if (tensor.rank() > kMaxRank) {
    return refuse_tensor(graph, id,
                         "has " + std::to_string(tensor.rank()) + " axes, at most " +
                             std::to_string(kMaxRank) + " are supported");
  }
  for (std::int32_t length : tensor.shape) {
    if (length < 1) {
      return refuse_tensor(graph, id, "has shape " + text(tensor.shape),
                           "give every dimension a fixed length of at least 1 before converting");
    }
  }
  const auto elements = checked_product(tensor.shape);
  if (!elements || *elements > std::numeric_limits<std::int32_t>::max()) {
    return refuse_tensor(graph, id, "has shape " + text(tensor.shape) + ", more than 2147483647 elements");
  }
  if (tensor.constant() && static_cast<std::int64_t>(tensor.data->size()) != tensor.bytes()) {
    return refuse_tensor(graph, id,
                         "holds " + std::to_string(tensor.data->size()) + " bytes of data where its shape " +
                             text(tensor.shape) + " takes " + std::to_string(tensor.bytes()));
  }
  return verify_quantization(graph, id);
}

/// What arrives before anything is computed, in order.
std::vector<TensorId> expected_arrivals(const Graph &graph) {
  std::vector<TensorId> tensors = graph.inputs;
  for (const State &state : graph.states) tensors.push_back(state.read);
  return tensors;
}

/// `made`: the tensors that have a producer.
Result<void> verify_states(const Graph &graph, const std::vector<bool> &made) {
  for (const State &state : graph.states) {
    // That `read` is made follows from the order of the arrivals.
    if (!exists(graph, state.written) || !made[static_cast<std::size_t>(state.written)]) {
      return refuse_tensor(graph, state.read,
                           "is kept from one inference to the next, but nothing computes its next value");
    }
    const Tensor &read = graph.tensor(state.read), &written = graph.tensor(state.written);
    if (read.type != written.type || read.shape != written.shape) {
      return refuse_tensor(graph, state.written,
                           "is " + std::string(name_of(written.type)) + " " + text(written.shape) +
                               ", but the next inference reads it as " + name_of(read.type) + " " +
                               text(read.shape));
    }
    if (state.initial != nullptr && static_cast<std::int64_t>(state.initial->size()) != read.bytes()) {
      return refuse_tensor(graph, state.read,
                           "is kept from one inference to the next and takes " +
                               std::to_string(read.bytes()) + " bytes, but begins with " +
                               std::to_string(state.initial->size()));
    }
  }
  return {};
}

/// Every input exists before the operator, every output is made once, Input operators come first.
Result<void> verify_connections(const Graph &graph) {
  std::vector<bool> made(graph.tensors.size());
  std::vector<TensorId> arrivals;
  bool computing = false;
  for (const Op &op : graph.ops) {
    for (TensorId input : op.inputs) {
      if (input == kNone) continue;
      if (!exists(graph, input)) {
        return failure(
            at_op(graph, op, "reads tensor number " + std::to_string(input) + ", which does not exist"));
      }
      const std::size_t index = static_cast<std::size_t>(input);
      if (!graph.tensors[index].constant() && !made[index]) {
        return failure(
            at_op(graph, op, "reads tensor '" + graph.tensors[index].name + "', which nothing makes before"));
      }
    }
    if (op.outputs.size() != 1 || !exists(graph, op.outputs[0])) {
      return failure(at_op(graph, op, "must have exactly one output"));
    }
    const std::size_t output = static_cast<std::size_t>(op.outputs[0]);
    if (graph.tensors[output].constant()) return failure(at_op(graph, op, "writes to a constant"));
    if (made[output]) return failure(at_op(graph, op, "writes a tensor that already has a producer"));
    made[output] = true;
    if (op.is<Input>()) {
      if (computing) return failure(at_op(graph, op, "comes after an operator that computes"));
      arrivals.push_back(op.outputs[0]);
    } else {
      computing = true;
    }
  }
  if (arrivals != expected_arrivals(graph)) {
    Diagnostic line;
    line.file = graph.file;
    line.reason = "the INPUT operators are not the network inputs and what states read, in order";
    return failure(std::move(line));
  }
  for (TensorId output : graph.outputs) {
    if (!exists(graph, output))
      return refuse_tensor(graph, output, "is a network output, but does not exist");
    if (!made[static_cast<std::size_t>(output)]) {
      return refuse_tensor(graph, output, "is a network output, but nothing computes it");
    }
  }
  if (graph.outputs.empty()) {
    Diagnostic line;
    line.file = graph.file;
    line.reason = "the network has no output";
    return failure(std::move(line));
  }
  return verify_states(graph, made);
}

}  // namespace

Result<void> verify(const Graph &graph) {
  for (std::size_t id = 0; id < graph.tensors.size(); ++id) {
    if (auto ok = verify_tensor(graph, static_cast<TensorId>(id)); !ok) return ok;
  }
  if (auto ok = verify_connections(graph); !ok) return ok;
  for (const Op &op : graph.ops) {
    const auto shape = output_shape(graph, op);
    if (!shape) return tl::unexpected(shape.error());
    const Tensor &output = graph.tensor(op.output());
    if (*shape != output.shape) {
      return failure(at_op(
          graph, op, "declares output shape " + text(output.shape) + " where its inputs give " + text(*shape),
          "convert the model again with static shapes"));
    }
    if (auto types = check_types(graph, op); !types) return types;
  }
  return {};
}

}  // namespace thimble
