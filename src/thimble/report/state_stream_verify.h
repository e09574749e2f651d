// The stream of a network with states against the interpreter, inference after inference.
#pragma once

#include "thimble/report/state_stream.h"
#include "thimble/report/stream_verify.h"

namespace thimble::report {

/// Steps that are compared.
constexpr int kStateSteps = 64;

/// Inferences from a generator (random_inputs.h) of the given seed. Expected is what the interpreter gives
/// for the network as it was read, before any pass.
Result<StreamVerification> verify_stream(const StateStream &stream, std::uint32_t seed, const Step &step);

}  // namespace thimble::report
