// Private to the layer: the subgraph that gives variables their first values.
#pragma once

#include <map>

#include "thimble/read/order.h"
#include "thimble/read/tensors.h"
#include "thimble/read/variable_operator.h"

namespace thimble::tflite {

/// First values by variable.
using InitialValues = std::map<VariableKey, Tensor>;

/// Adds the values that subgraph `index` of the file assigns on behalf of `call`, a CALL_ONCE. Such a
/// subgraph assigns constants and nothing else; what else it does is refused.
void read_initial_values(const ModelFile &file, const FileOp &call, std::int32_t index,
                         CopyAllowance &allowance, Problems &problems, InitialValues &values);

}  // namespace thimble::tflite
