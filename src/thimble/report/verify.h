// The promise, kept: interpreter, schedule, emitted C here and on the target give the same bytes.
#pragma once

#include "thimble/report/execute_on.h"

namespace thimble::report {

/// Runs `inputs` random inferences (random_inputs.h) of the given seed on every executor and compares every
/// output byte with the interpreter's. The interpreter itself is compared with the model as it was read,
/// before any rewrite pass; where a pass has changed how floats round, the largest difference is told.
///
/// `by_operator`: also counts what each operator takes on the target, an error on the host, where nothing is
/// counted.
Result<Verification> verify_network(const Network &network, int inputs, std::uint32_t seed, bool by_operator,
                                    const Step &step);

}  // namespace thimble::report
