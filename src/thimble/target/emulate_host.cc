#include <sstream>

#include "thimble/target/engines.h"
#include "thimble/target/exchange.h"
#include "thimble/target/process.h"

namespace thimble {
namespace {

/// What a sanitizer found, in one line. Its reports look like
///   net.c:12:7: runtime error: index 8 out of bounds for type 'int8_t [8]'
/// or
///   ==1==ERROR: AddressSanitizer: global-buffer-overflow on address 0x... at pc 0x... bp 0x... sp 0x...
///   WRITE of size 1 at 0x... thread T0
///       #0 0x... in conv_2d_s8 net.c:12
/// Addresses change from run to run and are left out.
std::string sanitizer_finding(const std::string &report) {
  std::istringstream stream(report);
  std::string finding;
  for (std::string line; std::getline(stream, line);) {
    if (line.find("runtime error:") != std::string::npos) return line;
    const std::size_t error = line.find("ERROR: ");
    if (error != std::string::npos) {
      const std::string what = line.substr(error + 7);
      finding = what.substr(0, what.find(" on "));
    }
    if (finding.empty()) continue;
    if (line.rfind("READ of", 0) == 0 || line.rfind("WRITE of", 0) == 0) {
      finding += ", " + line.substr(0, line.find(" at "));
    }
    // The first frame in C code; above it may be the sanitizer's own memcpy.
    const std::size_t in = line.find(" in ");
    if (in != std::string::npos && line.find("#") < in && line.find(".c:") != std::string::npos) {
      return finding + line.substr(in);
    }
  }
  return finding;
}

}  // namespace

Result<Emulation> emulate_host(const Profile &profile, const Firmware &firmware,
                               const ArenaInterface &interface, const std::vector<TensorBytes> &inferences) {
  const auto input = firmware.work_folder / "thimble_input.bin";
  const auto output = firmware.work_folder / "thimble_output.bin";
  if (auto written = write_inputs(input, firmware, interface, inferences); !written) {
    return tl::unexpected(written.error());
  }
  ProcessRequest request;
  request.arguments = {firmware.image.string(), input.string(), output.string()};
  // The program allocates nothing; the leak checker would only fail where ptrace is forbidden.
  request.settings = {"ASAN_OPTIONS=detect_leaks=0:strip_path_prefix=/", "UBSAN_OPTIONS=print_stacktrace=0"};
  request.timeout_seconds = static_cast<int>(profile.emulator.timeout_seconds);
  const auto outcome = run_process(request);
  if (!outcome) return tl::unexpected(outcome.error());
  if (outcome->timed_out) {
    return failure(profile.name + ": did not end within " + std::to_string(request.timeout_seconds) + " s");
  }
  if (outcome->exit_code == 3) return failure(profile.name + ": " + firmware.name + "_run returned an error");
  if (outcome->exit_code != 0) {
    const std::string finding = sanitizer_finding(outcome->err);
    if (!finding.empty()) return failure(profile.name + ": " + finding);
    return failure(profile.name + ": ended with exit code " + std::to_string(outcome->exit_code) +
                   ", signal " + std::to_string(outcome->signal));
  }
  auto outputs = read_outputs(output, interface, inferences.size());
  if (!outputs) return tl::unexpected(outputs.error());
  Emulation emulation;
  emulation.outputs = std::move(*outputs);
  return emulation;
}

}  // namespace thimble
