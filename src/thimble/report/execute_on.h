// Running a planned network on each of its executors: the oracle, the schedule on this machine, the emitted C
// on this machine and on an emulated target.
#pragma once

#include <functional>

#include "thimble/report/figures.h"
#include "thimble/report/network.h"

namespace thimble::report {

/// Told what is being done, for a progress line. May be empty.
using Step = std::function<void(const std::string &)>;

struct Execution {
  std::vector<Inference> outputs;  ///< network outputs per inference
  RunFigures figures;              ///< without mismatches
  std::optional<Flash> flash;      ///< of the firmware, where there is one
};

/// All take the network's own ends (see to_network_inputs).
Result<Execution> run_interpreter(const Network &network, const std::vector<Inference> &inputs);
Result<Execution> run_schedule(const Network &network, const std::vector<Inference> &inputs);
/// Builds the emitted program for a profile and runs it there: the host under sanitizers, others emulated.
Result<Execution> run_target(const Network &network, const EmittedProgram &program, const Profile &profile,
                             const std::vector<Inference> &inputs, const Step &step);

/// What each operator takes on the network's target, which must be one that counts, of the inference with
/// most instructions: the program is built with marks at its operators and run once more. The compiler may
/// order what stands around a mark otherwise, so that the sums can differ from run_target's by a thousandth.
Result<std::vector<OperatorFigures>> count_operators(const Network &network, const EmittedProgram &program,
                                                     const std::vector<Inference> &inputs, const Step &step);

/// Code and constants of the emitted program on the network's target, from compiled objects. Without the
/// target's compiler the code is not measured, and the note says so.
Result<Flash> measure_flash(const Network &network, const EmittedProgram &program);

/// Bytes that differ, and the first of them.
struct Difference {
  std::int64_t bytes = 0;
  std::optional<Mismatch> first;  ///< `on` is left to the caller
};
Difference compare(const std::vector<Inference> &expected, const std::vector<Inference> &found);

}  // namespace thimble::report
