// Private to the layer: what becomes of variables, once it is known which tensors they are.
#pragma once

#include "thimble/read/variables.h"

namespace thimble::tflite {

/// Gives every operator and network output the one name of each tensor.
void use_one_name(const ModelFile &file, const Variables &variables, std::vector<FileOp> &ops,
                  std::vector<TensorId> &outputs, Problems &problems);

/// The states of the graph, types and shapes compared as far as the file declares them. Variables that never
/// change become constants of `table`.
std::vector<State> make_states(const ModelFile &file, const Variables &variables, TensorTable &table,
                               Problems &problems);

}  // namespace thimble::tflite
