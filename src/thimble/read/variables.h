// Private to the layer: resource variables become states. A variable is named by VAR_HANDLE, read and written
// by READ_VARIABLE and ASSIGN_VARIABLE, and given its first value by a subgraph that CALL_ONCE runs before
// the first inference.
//
//   READ_VARIABLE before the assignment   is what the last inference has left: the state's `read`
//   READ_VARIABLE behind it               is the assigned tensor itself
//   a variable that is only read          is a constant, its first value
//
// "Before" and "behind" are meant in the file's order, in which TensorFlow Lite Micro executes it.
#pragma once

#include "thimble/read/initial_values.h"
#include "thimble/read/operators.h"

namespace thimble::tflite {

/// Another name for a tensor: what READ_VARIABLE gives when the variable's bytes are another tensor's.
struct SameTensor {
  TensorId tensor = kNone, same_as = kNone;
  const FileOp *op = nullptr;  ///< that says so
};

/// A variable that the first subgraph reads.
struct Variable {
  std::string name;
  TensorId read = kNone;     ///< as the last inference has left it
  TensorId written = kNone;  ///< kNone: it never changes
  const FileOp *reader = nullptr, *writer = nullptr;
  const Tensor *initial = nullptr;  ///< null: none is given
};

/// What the operators on variables mean. Pointers are into the operator list and into `initial`.
struct Variables {
  InitialValues initial;
  std::vector<Variable> read;     ///< those that are read before they are written
  std::vector<SameTensor> same;   ///< `same_as` is never itself another name
  std::vector<TensorId> outputs;  ///< of every READ_VARIABLE
};

/// Follows `list.variable_ops` through the file. What makes no sense goes to `problems`, and the outputs that
/// follow from it to `list.refused`. `inputs`: of the network.
Variables bind_variables(const ModelFile &file, const std::vector<TensorId> &inputs, OperatorList &list,
                         CopyAllowance &allowance, Problems &problems);

constexpr const char *kDamagedVariable =
    "the file is damaged or was made by a faulty exporter; export it again";
/// A line about an operator on a variable.
void refuse(const ModelFile &file, const FileOp &op, std::string reason, const char *hint,
            Problems &problems);

}  // namespace thimble::tflite
