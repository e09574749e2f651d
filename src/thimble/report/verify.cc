#include "thimble/report/verify.h"

#include "thimble/graph/interpret.h"
#include "thimble/report/deviation.h"

namespace thimble::report {
namespace {

/// Adds a run that was compared with the oracle.
void add(Verification &verification, RunFigures figures, const Difference &difference) {
  figures.mismatched_bytes = difference.bytes;
  verification.mismatched_bytes += difference.bytes;
  if (difference.first && !verification.first_mismatch) {
    verification.first_mismatch = difference.first;
    verification.first_mismatch->on = figures.on;
  }
  verification.runs.push_back(std::move(figures));
}

/// The model as read, against the network after its passes and with its outputs converted back: every byte is
/// the same, unless passes were allowed to change how floats round.
Result<void> compare_with_file(const Network &network, const std::vector<Inference> &file_inputs,
                               const Execution &oracle, Verification &verification) {
  std::vector<Inference> expected, found;
  for (std::size_t i = 0; i < file_inputs.size(); ++i) {
    auto original = interpret_outputs(*network.file, file_inputs[i]);
    if (!original) return tl::unexpected(original.error());
    auto converted = to_file_outputs(network, oracle.outputs[i]);
    if (!converted) return tl::unexpected(converted.error());
    expected.push_back(std::move(*original));
    found.push_back(std::move(*converted));
  }
  if (!rounds_differently(network.passes)) {
    add(verification, oracle.figures, compare(expected, found));
    return {};
  }
  verification.deviation = deviation(*network.file, expected, found);
  verification.runs.push_back(oracle.figures);
  return {};
}

}  // namespace

Result<Verification> verify_network(const Network &network, int inputs, std::uint32_t seed, bool by_operator,
                                    const Step &step) {
  if (by_operator && network.profile.architecture == Architecture::host)
    return failure("--operators: nothing is counted on the host", "name a device: --target cortex-m4");
  const auto tell = [&](const std::string &what) {
    if (step) step(what);
  };
  const std::vector<Inference> file_inputs = random_inputs(*network.file, inputs, seed);
  std::vector<Inference> network_inputs;
  for (const Inference &inference : file_inputs) {
    auto converted = to_network_inputs(network, inference);
    if (!converted) return tl::unexpected(converted.error());
    network_inputs.push_back(std::move(*converted));
  }

  Verification verification;
  verification.inputs = inputs;
  verification.seed = seed;

  tell("interpreting");
  auto oracle = run_interpreter(network, network_inputs);
  if (!oracle) return tl::unexpected(oracle.error());
  for (const Inference &inference : oracle->outputs) {
    for (const Bytes &tensor : inference) {
      verification.output_bytes += static_cast<std::int64_t>(tensor.size());
    }
  }
  if (auto ok = compare_with_file(network, file_inputs, *oracle, verification); !ok)
    return tl::unexpected(ok.error());

  tell("executing the schedule");
  auto schedule = run_schedule(network, network_inputs);
  if (!schedule) return tl::unexpected(schedule.error());
  add(verification, schedule->figures, compare(oracle->outputs, schedule->outputs));

  const auto program = emit_network(network);
  if (!program) return tl::unexpected(program.error());
  verification.flash.weights_bytes = program->weight_bytes;
  verification.flash.code_note = "code not measured on the host";

  const auto host = load_profile("host");
  if (!host) return tl::unexpected(host.error());
  std::vector<Profile> profiles{*host};
  if (network.profile.architecture != Architecture::host) profiles.push_back(network.profile);
  for (const Profile &profile : profiles) {
    auto execution = run_target(network, *program, profile, network_inputs, step);
    if (!execution) return tl::unexpected(execution.error());
    if (execution->flash) verification.flash = *execution->flash;
    add(verification, execution->figures, compare(oracle->outputs, execution->outputs));
  }
  if (by_operator) {
    auto operators = count_operators(network, *program, network_inputs, step);
    if (!operators) return tl::unexpected(operators.error());
    verification.operators = std::move(*operators);
  }
  return verification;
}

}  // namespace thimble::report
