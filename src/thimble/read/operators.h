// Private to the layer: from the file's list of operators to the graph's.
#pragma once

#include <optional>

#include "thimble/read/order.h"
#include "thimble/read/tensors.h"

namespace thimble::tflite {

/// The operators of the file with their names; indices verified. Lists all unsupported and damaged ones.
std::vector<FileOp> list_operators(const ModelFile &file, CopyAllowance &allowance, Problems &problems);

/// Gives `graph`, whose tensors and ends are the file's, the operators at the positions `order` of `ops`:
/// attributes from options and constant side inputs, shapes compared with the operators' own rules, or set
/// where the file leaves the batch open.
Graph translate_operators(const ModelFile &file, const std::vector<FileOp> &ops,
                          const std::vector<std::size_t> &order, const std::vector<bool> &dynamic_batch,
                          Graph graph, Problems &problems);

}  // namespace thimble::tflite
