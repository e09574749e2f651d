// Private to the layer: from the file's list of operators to the graph's.
#pragma once

#include <optional>

#include "thimble/read/order.h"
#include "thimble/read/tensors.h"

namespace thimble::tflite {

/// The operators of a file, sorted by whether there is a reading function for their kind.
struct OperatorList {
  std::vector<FileOp> ops;           ///< of known kinds
  std::vector<FileOp> variable_ops;  ///< on resource variables (variables.h)
  std::vector<TensorId> refused;     ///< outputs of the others
  bool damaged = false;              ///< an entry makes no sense: nothing that follows from the list would
};

/// Lists the operators with their names, indices verified. All unsupported and damaged ones go to `problems`.
OperatorList list_operators(const ModelFile &file, CopyAllowance &allowance, Problems &problems);

/// Gives `graph`, whose tensors and ends are the file's, the known operators of `list` at the positions
/// `order`: attributes from options and constant side inputs, shapes compared with the operators' own rules,
/// or set where the file leaves the batch open, types and quantisation verified. Every operator that cannot
/// be supported gets a line, also behind one that was refused: its output is then what the file declares.
/// Operators that touch a tensor that `table` could not read are not judged, as that has been said.
Graph translate_operators(const ModelFile &file, const OperatorList &list,
                          const std::vector<std::size_t> &order, const TensorTable &table, Graph graph,
                          Problems &problems);

}  // namespace thimble::tflite
