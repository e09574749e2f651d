// Private to the layer: what the reading function of an operator kind sees, and the table of those functions.
#pragma once

#include <fmt/format.h>

#include "thimble/graph/fold.h"
#include "thimble/read/order.h"

namespace thimble::tflite {

/// The graph while its operators are appended, and what has become constant meanwhile.
struct GrowingGraph {
  Graph graph;
  std::vector<bool> folded;         ///< per operator: evaluated, to be removed in the end
  std::vector<OpId> producers;      ///< per tensor: the operator appended for it, or kNone
  std::vector<bool> dynamic_batch;  ///< per tensor: the file leaves the first dimension open
  std::vector<bool> not_constant;   ///< per tensor: it could not be made constant, and is not tried again
  /// Per tensor, behind an operator that was refused: its shape is the one that the file declares and may be
  /// another one; its value might be a constant if that operator were supported.
  std::vector<bool> unsure_shape, maybe_constant;
  FoldAllowance allowance;
};

/// One operator of the graph.
struct Part {
  Attributes attributes;
  std::vector<TensorId> inputs;
  TensorId output = kNone;
};

/// One operator of the file during its translation. Refusals are recorded here; after one, the reading
/// function returns false. `inputs` starts as the file's and ends as the data inputs: constant side inputs
/// (axes, paddings, shapes) are absorbed into the attributes and dropped.
class OperatorSource {
 public:
  OperatorSource(const ModelFile &file, const FileOp &op, GrowingGraph &growing, Problems &problems)
      : inputs(op.inputs), file_(file), op_(op), growing_(growing), problems_(problems) {}

  std::vector<TensorId> inputs;
  /// What it becomes in the graph, in an executable order: mostly one operator of the same kind.
  std::vector<Part> parts;

  /// Records what is wrong; always false. `tensor` is the one concerned, or kNone.
  bool refuse(std::string reason, std::string hint, TensorId tensor = kNone);
  /// For what no exporter writes.
  bool refuse_damaged(std::string reason, TensorId tensor = kNone);

  /// The options table, null when the file has none (each field then has its default). Refuses the table of
  /// another kind.
  template <class Options>
  bool options(const Options *&options) {
    const schema::Operator &table = file_operator();
    options = nullptr;
    if (table.builtin_options_type() == schema::BuiltinOptions::NONE || table.builtin_options() == nullptr)
      return true;
    options = table.builtin_options_as<Options>();
    return options != nullptr || refuse_damaged("its options are those of another kind of operator");
  }
  /// The same for kinds that mean nothing without options.
  template <class Options>
  bool required_options(const Options *&table) {
    return options(table) && (table != nullptr || refuse_damaged("it has no options"));
  }

  /// Refuses another number of inputs, and absent ones among the first `least`.
  bool input_count(std::size_t least, std::size_t most);
  bool rank(std::size_t input, int rank);
  /// Refuses fused activations that no kernel has.
  bool activation(schema::ActivationFunctionType type, Activation &activation);
  /// The values of a constant int32 or int64 tensor. Refuses one that is computed, absent, of another type,
  /// or longer than `most`.
  bool constant_integers(std::size_t input, const char *meaning, std::size_t most,
                         std::vector<std::int64_t> &values);

  bool has_input(std::size_t input) const { return input < inputs.size() && inputs[input] != kNone; }
  /// Whether an operator that was refused may give the input another shape than the file says.
  bool shape_unsure(std::size_t input) const {
    return growing_.unsure_shape[static_cast<std::size_t>(inputs[input])];
  }
  const Tensor &input(std::size_t input) const { return growing_.graph.tensor(inputs[input]); }
  const std::vector<TensorId> &outputs() const { return op_.outputs; }
  /// A tensor between two parts, like the input but for its shape, which follows from the part that makes it.
  TensorId add_tensor_like(std::size_t input);
  /// The (first) output tensor; where `output_open()`, its shape is not known yet and may be set.
  Tensor &output() { return growing_.graph.tensors[static_cast<std::size_t>(op_.outputs[0])]; }
  bool output_open() const { return growing_.dynamic_batch[static_cast<std::size_t>(op_.outputs[0])]; }
  /// Makes an input that is computed from constants alone (weights stored as int8 and dequantised) a
  /// constant; the operators that computed it are evaluated and vanish. Whether the input is a constant now.
  bool make_constant(std::size_t input) { return make_tensor_constant(inputs[input], 0); }
  /// The same, but refuses the operator where it cannot be done. `meaning`: "weights".
  bool require_constant(std::size_t input, const char *meaning);

 private:
  const schema::Operator &file_operator() const;
  bool make_tensor_constant(TensorId id, int depth);

  const ModelFile &file_;
  const FileOp &op_;
  GrowingGraph &growing_;
  Problems &problems_;
  Error fold_error_;  ///< why an operator on constants could not be evaluated
};

namespace operators {
#define THIMBLE_DECLARE_READER(Kind, name)                                             \
  /* Fills in the attributes and leaves the data inputs; false when it was refused. */ \
  bool read(OperatorSource &source, Kind &attributes);
THIMBLE_OPS(THIMBLE_DECLARE_READER)
#undef THIMBLE_DECLARE_READER

// Operators that become others in the graph: they fill in `source.parts` themselves.
bool read_split(OperatorSource &source);
bool read_split_v(OperatorSource &source);
bool read_gather(OperatorSource &source);
bool read_unidirectional_sequence_lstm(OperatorSource &source);
}  // namespace operators

/// Translates an operator by its TensorFlow Lite name into `source.parts`; false when it was refused.
bool read_operator(const char *name, OperatorSource &source);
/// Whether there is a reading function for that name.
bool known_operator(const char *name);
/// Whether operators of that name may have more than one output.
bool has_several_outputs(const char *name);

}  // namespace thimble::tflite
