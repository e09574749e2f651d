#include "thimble/graph/interpret.h"

#include <cstring>
#include <limits>
#include <string>

namespace thimble {
namespace {

/// More than any network for a microcontroller; keeps a hostile file from exhausting the host.
constexpr std::int64_t kMostBytes = std::int64_t{1} << 32;

View view_of(const Graph &graph, TensorId id, std::vector<Bytes> &values) {
  if (id == kNone) return {};
  const Tensor &tensor = graph.tensor(id);
  // Constants are only ever read: views of inputs are never written through.
  const std::uint8_t *bytes =
      tensor.constant() ? tensor.data->data() : values[static_cast<std::size_t>(id)].data();
  return {reinterpret_cast<std::byte *>(const_cast<std::uint8_t *>(bytes)), Layout::whole(tensor),
          tensor.type};
}

tl::unexpected<Error> refuse(const Graph &graph, std::string reason) {
  Diagnostic line;
  line.file = graph.file;
  line.reason = std::move(reason);
  return failure(std::move(line));
}

}  // namespace

void run(const OpRun &firing) {
  if (firing.tile.empty()) return;
  std::visit([&](const auto &kind) { interpreter::run(kind, firing); }, firing.op.attributes);
}

Bytes initial_bytes(const Graph &graph, const State &state) {
  if (state.initial != nullptr) return *state.initial;
  return Bytes(static_cast<std::size_t>(graph.tensor(state.read).bytes()), state.fill);
}

namespace {

/// Puts the bytes that states read where the operators find them.
Result<void> begin_states(const Graph &graph, const StateBytes &states, std::vector<Bytes> &values) {
  if (!states.empty() && states.size() != graph.states.size()) {
    return refuse(graph, "the network has " + std::to_string(graph.states.size()) + " states, got " +
                             std::to_string(states.size()));
  }
  for (std::size_t i = 0; i < graph.states.size(); ++i) {
    const State &state = graph.states[i];
    Bytes bytes = states.empty() ? initial_bytes(graph, state) : states[i];
    if (static_cast<std::int64_t>(bytes.size()) != graph.tensor(state.read).bytes()) {
      return refuse(graph, "state " + std::to_string(i) + " takes " +
                               std::to_string(graph.tensor(state.read).bytes()) + " bytes, got " +
                               std::to_string(bytes.size()));
    }
    values[static_cast<std::size_t>(state.read)] = std::move(bytes);
  }
  return {};
}

}  // namespace

Result<std::vector<Bytes>> interpret(const Graph &graph, const std::vector<Bytes> &inputs,
                                     StateBytes &states) {
  if (inputs.size() != graph.inputs.size()) {
    return refuse(graph, "the network has " + std::to_string(graph.inputs.size()) + " inputs, got " +
                             std::to_string(inputs.size()));
  }
  std::int64_t total = 0;
  for (const Op &op : graph.ops) total += graph.tensor(op.output()).bytes();
  if (total > kMostBytes)
    return refuse(graph, "the tensors take " + std::to_string(total) + " bytes, too many to interpret");

  std::vector<Bytes> values(graph.tensors.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor &tensor = graph.tensor(graph.inputs[i]);
    if (static_cast<std::int64_t>(inputs[i].size()) != tensor.bytes()) {
      return refuse(graph, "network input " + std::to_string(i) + " takes " + std::to_string(tensor.bytes()) +
                               " bytes, got " + std::to_string(inputs[i].size()));
    }
    values[static_cast<std::size_t>(graph.inputs[i])] = inputs[i];
  }
  if (auto ok = begin_states(graph, states, values); !ok) return tl::unexpected(ok.error());
  for (const Op &op : graph.ops) {
    if (op.is<Input>()) continue;
    const Tensor &output = graph.tensor(op.output());
    values[static_cast<std::size_t>(op.output())].resize(static_cast<std::size_t>(output.bytes()));
    OpRun firing{graph, op, {}, {}, {}, Region::whole(output.shape), {0, reduction_extent(graph, op)}};
    for (TensorId input : op.inputs) firing.inputs.push_back(view_of(graph, input, values));
    firing.output = view_of(graph, op.output(), values);
    run(firing);
  }
  states.clear();
  for (const State &state : graph.states) states.push_back(values[static_cast<std::size_t>(state.written)]);
  return values;
}

Result<std::vector<Bytes>> interpret(const Graph &graph, const std::vector<Bytes> &inputs) {
  StateBytes states;
  return interpret(graph, inputs, states);
}

Result<std::vector<Bytes>> interpret_outputs(const Graph &graph, const std::vector<Bytes> &inputs,
                                             StateBytes &states) {
  auto values = interpret(graph, inputs, states);
  if (!values) return tl::unexpected(values.error());
  std::vector<Bytes> outputs;
  for (TensorId output : graph.outputs) outputs.push_back((*values)[static_cast<std::size_t>(output)]);
  return outputs;
}

Result<std::vector<Bytes>> interpret_outputs(const Graph &graph, const std::vector<Bytes> &inputs) {
  StateBytes states;
  return interpret_outputs(graph, inputs, states);
}

}  // namespace thimble
