#include "thimble/report/stream_calls.h"

#include <algorithm>

#include "thimble/base/files.h"

namespace thimble::report {

Result<StreamCalls> run_calls(const Profile &profile, const EmittedProgram &program,
                              const StreamFeeder &feeder, const std::vector<TensorBytes> &calls,
                              const Step &step) {
  const auto tell = [&](const std::string &what) {
    if (step) step(what + profile.name);
  };
  const auto folder = TemporaryFolder::make();
  if (!folder) return tl::unexpected(folder.error());
  tell("building for ");
  EmittedProgram fed = program;
  fed.files[feeder.name + ".c"] = feeder.source;
  const auto sources = folder->path() / "sources";
  if (auto written = write_files(sources, fed.files); !written) return tl::unexpected(written.error());
  FirmwareRequest request{sources, feeder.name, {}, folder->path() / "work", {}, {}};
  request.weights = feeder.network + "_weights";
  auto firmware = build_firmware(profile, request);
  if (!firmware) return tl::unexpected(firmware.error());
  tell("running on ");
  auto emulation = emulate(profile, *firmware, feeder.interface, calls);
  if (!emulation) return tl::unexpected(emulation.error());
  StreamCalls made{std::move(emulation->outputs), std::move(emulation->counts)};
  if (!made.counts.empty()) {
    made.flash = Flash{firmware->linked.weights + firmware->linked.data,
                       firmware->linked.text + firmware->linked.rodata, ""};
  }
  return made;
}

CallFigures figures_of(const std::vector<std::int64_t> &steps, std::int64_t first, std::int64_t period) {
  CallFigures figures;
  for (const std::int64_t one : steps) figures.peak = std::max(figures.peak, one);
  const std::int64_t whole = (static_cast<std::int64_t>(steps.size()) - first) / period * period;
  double sum = 0.0;
  for (std::int64_t s = first; s < first + whole; ++s)
    sum += static_cast<double>(steps[static_cast<std::size_t>(s)]);
  figures.average = whole > 0 ? sum / static_cast<double>(whole) : 0.0;
  return figures;
}

std::int64_t most_stack_bytes(const std::vector<Counts> &counts) {
  std::int64_t most = 0;
  for (const Counts &one : counts) most = std::max(most, one.stack_bytes);
  return most;
}

}  // namespace thimble::report
