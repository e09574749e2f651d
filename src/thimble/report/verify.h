// The promise, kept: interpreter, schedule, emitted C here and on the target give the same bytes.
#pragma once

#include "thimble/report/execute_on.h"

namespace thimble::report {

/// Runs `inputs` random inferences (random_inputs.h) of the given seed on every executor and compares every
/// output byte with the interpreter's. The interpreter itself is compared with the model as it was read,
/// before any rewrite pass.
Result<Verification> verify_network(const Network &network, int inputs, std::uint32_t seed, const Step &step);

}  // namespace thimble::report
