// The dataflow graph of a network: what is computed. When and where is the Schedule's business.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "thimble/base/result.h"
#include "thimble/graph/op_list.h"
#include "thimble/graph/tensor.h"

namespace thimble {

using TensorId = std::int32_t;
using OpId = std::int32_t;
constexpr std::int32_t kNone = -1;

struct Op {
  Attributes attributes;
  std::vector<TensorId> inputs;     ///< kNone where an optional input is absent
  std::vector<TensorId> outputs;    ///< exactly one for every operator so far
  std::int32_t file_index = kNone;  ///< position in the model file, for diagnostics

  template <class Kind>
  bool is() const {
    return std::holds_alternative<Kind>(attributes);
  }
  template <class Kind>
  const Kind &as() const {
    return std::get<Kind>(attributes);
  }
  TensorId output() const { return outputs[0]; }
};

/// The arithmetic by which results are defined (docs/numerics.md).
enum class Numerics : std::uint8_t {
  tflm,  ///< TensorFlow Lite Micro's reference kernels: double rounding, shifts below -31 give 0
};
const char *name_of(Numerics numerics);

/// Bytes that outlive an inference: `read` arrives like a network input, with the initial bytes at the first
/// inference and at every other one with those that the one before left in `written`. Bytes are kept, not
/// numbers: the two tensors have one type and one shape, but each its own quantisation.
struct State {
  std::string name;
  TensorId read = kNone, written = kNone;
  std::shared_ptr<const std::vector<std::uint8_t>> initial;  ///< null: every byte is `fill`
  std::uint8_t fill = 0;
};

/// Operators are in an order in which they can be executed; every computed tensor has one producer. Network
/// inputs are the outputs of Input operators, which come first; then those of states.
struct Graph {
  std::string file;    ///< as the user named it
  std::string sha256;  ///< of the file's bytes, 64 hexadecimal digits
  Numerics numerics = Numerics::tflm;
  std::vector<Tensor> tensors;
  std::vector<Op> ops;
  std::vector<TensorId> inputs, outputs;  ///< network inputs and outputs, in file order
  std::vector<State> states;

  const Tensor &tensor(TensorId id) const { return tensors[static_cast<std::size_t>(id)]; }
  const Op &op(OpId id) const { return ops[static_cast<std::size_t>(id)]; }
};

/// TensorFlow Lite's name of the operator's kind, e.g. "CONV_2D".
const char *name_of(const Op &op);

inline bool contains(const std::vector<TensorId> &list, TensorId tensor) {
  return std::find(list.begin(), list.end(), tensor) != list.end();
}

/// Whether a tensor is read when the inference is over: by the caller or by the next inference.
bool is_kept(const Graph &graph, TensorId tensor);
/// All of them: outputs, and what states are written from. One may be there several times.
std::vector<TensorId> kept_tensors(const Graph &graph);
/// Position in `states` of the one that arrives in this tensor, or kNone.
std::int32_t state_of(const Graph &graph, TensorId read);

/// Of all states.
std::int64_t state_bytes(const Graph &graph);

/// Refuses a graph with states on behalf of what would forget them; `doing`: "a single run".
Result<void> expect_no_states(const Graph &graph, const char *doing);

/// What the operator reads besides constants, each tensor once.
std::vector<TensorId> computed_inputs(const Graph &graph, const Op &op);

/// Producer of each tensor, kNone for constants.
std::vector<OpId> producers(const Graph &graph);
/// Consumers of each tensor in ascending order, each once.
std::vector<std::vector<OpId>> consumers(const Graph &graph);

/// Bytes of all constants that operators read, each once.
std::int64_t constant_bytes(const Graph &graph);
/// Of the constants that one operator reads.
std::int64_t constant_bytes(const Graph &graph, const Op &op);

/// A diagnostic that points at an operator of the graph.
Diagnostic at_op(const Graph &graph, const Op &op, std::string reason, std::string hint = "");

/// Verifies everything that the rest of the house relies on: indices, one producer per tensor, executable
/// order, constant sizes, and each operator's shape and type rules. Readers and passes end with it.
Result<void> verify(const Graph &graph);

}  // namespace thimble
