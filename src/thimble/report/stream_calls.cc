#include "thimble/report/stream_calls.h"

#include <algorithm>

#include "thimble/base/files.h"

namespace thimble::report {
namespace {

/// Steps of something else before a stream that is put through it the hard way.
constexpr std::size_t kStepsBefore = 5;
/// Every so many steps its state is moved away and back.
constexpr std::size_t kStepsPerMove = 3;

/// `first`: the step with the first output; `period`: steps until all repeats.
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

}  // namespace

CallList calls_of(const std::vector<Inference> &steps, Pace pace) {
  CallList list;
  list.pace = pace;
  const auto call = [&](Feed feed, std::size_t t) { list.calls.push_back(step_inputs(feed, steps[t])); };
  if (pace == Pace::hard) {
    call(Feed::reset, 0);
    for (std::size_t t = std::min(kStepsBefore, steps.size()); t-- > 0;) call(Feed::step, t);
  }
  call(Feed::reset, 0);
  list.first = list.calls.size();
  for (std::size_t t = 0; t < steps.size(); ++t) {
    if (pace == Pace::ahead) call(Feed::pre, t);
    call(pace == Pace::hard && t % kStepsPerMove == 1 ? Feed::move : Feed::step, t);
  }
  return list;
}

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

StepFigures step_figures(const CallList &list, const StreamCalls &made, std::int64_t first,
                         std::int64_t period) {
  const std::size_t calls = list.pace == Pace::ahead ? 2 : 1;
  const auto figures = [&](std::uint64_t Counts::*what, bool with_frame_only) {
    std::vector<std::int64_t> steps;
    for (std::size_t c = list.first; c + calls <= made.counts.size(); c += calls) {
      auto sum = static_cast<std::int64_t>(made.counts[c + calls - 1].*what);
      if (calls == 2 && !with_frame_only) sum += static_cast<std::int64_t>(made.counts[c].*what);
      steps.push_back(sum);
    }
    return figures_of(steps, first, period);
  };
  StepFigures all;
  all.instructions = figures(&Counts::instructions, false);
  all.cycles_estimate = figures(&Counts::cycles_estimate, false);
  all.instructions_with_frame = figures(&Counts::instructions, true);
  for (std::size_t c = list.first; c < made.counts.size(); ++c)
    all.stack_bytes = std::max(all.stack_bytes, made.counts[c].stack_bytes);
  return all;
}

}  // namespace thimble::report
