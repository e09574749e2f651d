#include "thimble/graph/graph.h"

#include <algorithm>
#include <set>
#include <utility>

namespace thimble {
namespace {

#define THIMBLE_NAME(Kind, name)                  \
  constexpr const char *kind_name(const Kind &) { \
    return name;                                  \
  }
THIMBLE_OPS(THIMBLE_NAME)
#undef THIMBLE_NAME

}  // namespace

const char *name_of(Numerics numerics) {
  switch (numerics) {
    case Numerics::tflm:
      return "tflm";
  }
  return "?";
}

const char *name_of(const Op &op) {
  return std::visit([](const auto &kind) { return kind_name(kind); }, op.attributes);
}

bool is_kept(const Graph &graph, TensorId tensor) {
  const auto written = [tensor](const State &state) { return state.written == tensor; };
  return contains(graph.outputs, tensor) || std::any_of(graph.states.begin(), graph.states.end(), written);
}

std::vector<TensorId> kept_tensors(const Graph &graph) {
  std::vector<TensorId> kept = graph.outputs;
  for (const State &state : graph.states) kept.push_back(state.written);
  return kept;
}

std::int32_t state_of(const Graph &graph, TensorId read) {
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    if (graph.states[s].read == read) return static_cast<std::int32_t>(s);
  }
  return kNone;
}

std::int64_t state_bytes(const Graph &graph) {
  std::int64_t bytes = 0;
  for (const State &state : graph.states) bytes += graph.tensor(state.read).bytes();
  return bytes;
}

Result<void> expect_no_states(const Graph &graph, const char *doing) {
  if (graph.states.empty()) return {};
  Diagnostic line;
  line.file = graph.file;
  line.tensor = graph.states[0].name;
  line.reason = "the network keeps " + std::to_string(graph.states.size()) +
                (graph.states.size() == 1 ? " variable" : " variables") +
                " from one inference to the next, which " + doing + " would forget";
  line.hint = "take C that keeps them from: thimble stream";
  return failure(std::move(line));
}

std::vector<TensorId> computed_inputs(const Graph &graph, const Op &op) {
  std::vector<TensorId> inputs;
  for (const TensorId input : op.inputs) {
    const bool computed = input != kNone && !graph.tensor(input).constant();
    if (computed && !contains(inputs, input)) inputs.push_back(input);
  }
  return inputs;
}

std::vector<OpId> producers(const Graph &graph) {
  std::vector<OpId> result(graph.tensors.size(), kNone);
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    for (TensorId output : graph.ops[id].outputs) {
      result[static_cast<std::size_t>(output)] = static_cast<OpId>(id);
    }
  }
  return result;
}

std::vector<std::vector<OpId>> consumers(const Graph &graph) {
  std::vector<std::vector<OpId>> result(graph.tensors.size());
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    for (TensorId input : graph.ops[id].inputs) {
      if (input == kNone) continue;
      std::vector<OpId> &readers = result[static_cast<std::size_t>(input)];
      if (readers.empty() || readers.back() != static_cast<OpId>(id))
        readers.push_back(static_cast<OpId>(id));
    }
  }
  return result;
}

std::int64_t constant_bytes(const Graph &graph, const Op &op) {
  std::set<TensorId> constants;
  for (TensorId id : op.inputs) {
    if (id != kNone && graph.tensor(id).constant()) constants.insert(id);
  }
  std::int64_t bytes = 0;
  for (TensorId id : constants) bytes += graph.tensor(id).bytes();
  return bytes;
}

std::int64_t constant_bytes(const Graph &graph) {
  std::set<TensorId> constants;
  for (const Op &op : graph.ops) {
    for (TensorId id : op.inputs) {
      if (id != kNone && graph.tensor(id).constant()) constants.insert(id);
    }
  }
  std::int64_t bytes = 0;
  for (TensorId id : constants) bytes += graph.tensor(id).bytes();
  return bytes;
}

Diagnostic at_op(const Graph &graph, const Op &op, std::string reason, std::string hint) {
  Diagnostic line;
  line.file = graph.file;
  line.op = op.file_index;
  line.op_name = name_of(op);
  if (!op.outputs.empty() && op.outputs[0] >= 0 &&
      static_cast<std::size_t>(op.outputs[0]) < graph.tensors.size()) {
    line.tensor = graph.tensor(op.outputs[0]).name;
  }
  line.reason = std::move(reason);
  line.hint = std::move(hint);
  return line;
}

}  // namespace thimble
