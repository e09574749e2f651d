// Private to the layer: what the writing function of an operator kind sees, and the table of those functions.
#pragma once

#include <string>
#include <vector>

#include "tflite_generated.h"
#include "thimble/graph/graph.h"

namespace thimble::tflite {

/// The file while operators are appended, through the object API of the schema.
class GrowingFile {
 public:
  explicit GrowingFile(const Graph &graph);

  /// A tensor of the file; the first ones are the graph's, by their ids.
  std::int32_t add_tensor(const Tensor &tensor);
  std::int32_t add_integers(std::string name, const std::vector<std::int32_t> &values, Shape shape);
  void add_operator(const char *name, std::int32_t version, std::vector<std::int32_t> inputs,
                    std::vector<std::int32_t> outputs, schema::BuiltinOptionsUnion options = {});
  std::vector<std::uint8_t> finish(const Graph &graph);

 private:
  std::uint32_t operator_code(const char *name, std::int32_t version);
  schema::SubGraphT &subgraph() { return *model_.subgraphs[0]; }

  schema::ModelT model_;
};

/// One operator of the graph during its translation. `inputs` starts as the graph's and ends as the file's.
class OperatorTarget {
 public:
  OperatorTarget(const Graph &graph, const Op &op, GrowingFile &file)
      : inputs(op.inputs), graph_(graph), op_(op), file_(file) {}

  std::vector<std::int32_t> inputs;
  std::int32_t version = 1;  ///< of the operator in TensorFlow Lite: what its features and types need
  schema::BuiltinOptionsUnion options;

  const Tensor &input(std::size_t input) const { return graph_.tensor(op_.inputs[input]); }
  const Tensor &output() const { return graph_.tensor(op_.output()); }

  /// Appends a constant side input. `meaning`: "paddings".
  void add_integers(const char *meaning, const std::vector<std::int32_t> &values);
  /// The same with two columns.
  void add_pairs(const char *meaning, const std::vector<std::int32_t> &values);
  /// SAME or VALID where that is the padding; else a PAD, if zeros do, in front of the operator.
  bool pad(const Padding2D &padding, Step2D filter, Step2D stride, Step2D dilation, bool zeros,
           schema::Padding &written);
  /// The usual rule: 1 for float32 and uint8, 2 for int8, 3 for int16.
  void version_by_type();
  /// Records why there is no such operator in TensorFlow Lite; always false.
  bool refuse(std::string reason, std::string hint = "");
  const Error &error() const { return error_; }

 private:
  void pad_in_front(const std::vector<std::int32_t> &amounts);

  const Graph &graph_;
  const Op &op_;
  GrowingFile &file_;
  Error error_;
};

/// What TensorFlow Lite's SAME is for a map [n, rows, columns, channels].
Padding2D same_padding(const Shape &map, Step2D filter, Step2D stride, Step2D dilation);

schema::ActivationFunctionType activation_code(Activation activation);

namespace writers {
#define THIMBLE_DECLARE_WRITER(Kind, name)                                    \
  /* Fills in options, side inputs and version; false when it was refused. */ \
  bool write(OperatorTarget &target, const Kind &attributes);
THIMBLE_OPS(THIMBLE_DECLARE_WRITER)
#undef THIMBLE_DECLARE_WRITER
}  // namespace writers

}  // namespace thimble::tflite
