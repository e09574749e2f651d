// What ADD, SUB and MUL share.
#pragma once

#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

/// Calls of `thimble_<name>_<type>`, declared in `header`, on runs of both inputs.
void emit_binary(OpEmission &emission, const std::string &header, const std::string &name,
                 const std::string &type, Fields fields);

/// ADD or SUB, whose parameters are the same.
Result<void> emit_sum(OpEmission &emission, bool subtract);

/// Float form of all three.
void emit_binary_float(OpEmission &emission, const std::string &name);

}  // namespace thimble::emitters
