#include "thimble/report/stream_verify.h"

#include <algorithm>

#include "thimble/graph/interpret.h"
#include "thimble/report/random_inputs.h"
#include "thimble/report/stream_batch.h"
#include "thimble/report/stream_elements.h"
#include "thimble/report/stream_feeder.h"
#include "thimble/schedule/execute.h"

namespace thimble::report {
namespace {

/// Windows beyond the first one that are compared where stream and window are the same.
constexpr std::int64_t kMoreWindows = 4;
std::int64_t differences(const Bytes &a, const Bytes &b) {
  const std::size_t common = std::min(a.size(), b.size());
  std::int64_t count = static_cast<std::int64_t>(std::max(a.size(), b.size()) - common);
  for (std::size_t i = 0; i < common; ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

/// Of two lists; what one of them has more counts whole.
std::int64_t differences(const std::vector<Bytes> &a, const std::vector<Bytes> &b) {
  static const Bytes kNothing;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
    count += differences(i < a.size() ? a[i] : kNothing, i < b.size() ? b[i] : kNothing);
  return count;
}

class Verifier {
 public:
  Verifier(const StreamNetwork &stream, std::uint32_t seed, const Step &step)
      : stream_(stream), graph_(*stream.schedule().graph), step_(step) {
    const std::int64_t hop = stream.request.hop;
    result_.steps = stream.schedule().time->end / hop;
    frame_count_ = result_.steps * hop;
    result_.seed = seed;
    result_.outputs = outputs_within(stream, frame_count_);
  }

  Result<StreamVerification> run() {
    recording_ = random_inputs(graph_, 1, result_.seed)[0];
    const auto frames = elements_of(stream_, graph_.inputs[0], recording_[0], frame_count_);
    for (std::int64_t f = 0; f < frame_count_; ++f) {
      if (f % stream_.request.hop == 0) frames_.emplace_back(1);
      const Bytes &frame = frames[static_cast<std::size_t>(f)];
      Bytes &step = frames_.back()[0];
      step.insert(step.end(), frame.begin(), frame.end());
    }
    tell("interpreting the batch");
    auto batch = interpret_outputs(graph_, recording_);
    if (!batch) return tl::unexpected(batch.error());
    expected_ = elements_of(stream_, graph_.outputs[0], (*batch)[0], result_.outputs);
    for (const Bytes &element : expected_) result_.output_bytes += static_cast<std::int64_t>(element.size());
    auto compared = stream_.stateful ? compare_inferences() : compare_windows();
    if (!compared) return tl::unexpected(compared.error());
    if (auto ok = run_schedule(); !ok) return tl::unexpected(ok.error());
    auto program = emit_stream(stream_);
    if (!program) return tl::unexpected(program.error());
    result_.flash.weights_bytes = program->weight_bytes;
    result_.flash.code_note = "code not measured on the host";
    const auto run = [&](const Profile &profile, bool hard) -> Result<void> {
      if (auto ok = run_on(profile, *program, hard); !ok) return ok;
      return hard ? run_to_the_end(profile, *program) : Result<void>{};
    };
    if (auto ok = on_each_machine(stream_.network.profile, run); !ok) return tl::unexpected(ok.error());
    return std::move(result_);
  }

 private:
  void tell(const std::string &what) const {
    if (step_) step_(what);
  }

  /// The network on windows of frames: elements of the first that the frames of the window alone decide; and
  /// everywhere, where nothing is padded.
  Result<void> compare_windows() {
    tell("interpreting windows");
    const Graph &window = *stream_.network.graph;
    const stream::TimeAxes &axes = stream_.plan.axes;
    const TensorId output = window.outputs[0];
    const TimeSpan made{axes.of(output).axis, axes.of(output).grain};
    const stream::TensorRate &rate = stream_.plan.rates.of(output);
    const std::int64_t length = axes.of(window.inputs[0]).length;
    const std::int64_t last = stream_.agreement.first == kNone ? kMoreWindows : 0;
    for (std::int64_t w = 0; w <= last; ++w) {
      const std::int64_t begin = w * stream_.plan.rates.period;
      if (begin + length > frame_count_) break;
      auto outputs = interpret_outputs(window, {window_of(begin, length)});
      if (!outputs) return tl::unexpected(outputs.error());
      const std::int64_t before = result_.window_bytes;
      for (std::int64_t m = 0; m < axes.of(output).length; ++m) {
        const std::int64_t place = begin / rate.step + rate.spread * m;
        if (rate.step * rate.spread * m + rate.offset >= length || place >= result_.outputs) break;
        const Bytes element = element_of(window.tensor(output), made, m, (*outputs)[0]);
        result_.window_bytes += static_cast<std::int64_t>(element.size());
        result_.mismatched_bytes += differences(expected_[static_cast<std::size_t>(place)], element);
      }
      result_.windows += result_.window_bytes > before ? 1 : 0;
    }
    return {};
  }

  /// The network that keeps states, inference after inference, as it is in the file. Where its input is
  /// quantised first, the frames here are behind that, and there is nothing to run it on.
  Result<void> compare_inferences() {
    tell("interpreting the network with states");
    const Graph &file = *stream_.stateful;
    const End &input = stream_.network.ends.inputs[0], &output = stream_.network.ends.outputs[0];
    const auto frames = file.tensor(file.inputs[0]).shape[static_cast<std::size_t>(*stream_.request.axis)];
    if (input.folded() || stream_.request.hop != frames) return {};
    StateBytes states;
    std::size_t place = 0;
    for (const Inference &frame : frames_) {
      auto outputs = interpret_outputs(file, frame, states);
      if (!outputs) return tl::unexpected(outputs.error());
      Bytes found;
      while (place < expected_.size() && found.size() < (*outputs)[0].size()) {
        End element = output;
        element.file.shape = element.network.shape = {static_cast<std::int32_t>(expected_[place].size()) /
                                                      size_of(output.network.type)};
        auto given = to_file(element, expected_[place++]);
        if (!given) return tl::unexpected(given.error());
        found.insert(found.end(), given->begin(), given->end());
      }
      ++result_.inferences;
      result_.window_bytes += static_cast<std::int64_t>(found.size());
      result_.mismatched_bytes += differences((*outputs)[0], found);
    }
    return {};
  }

  /// Frames [begin, begin + length) as the network's input.
  Bytes window_of(std::int64_t begin, std::int64_t length) const {
    const TimeSpan &time = stream_.schedule().time->tensors[static_cast<std::size_t>(graph_.inputs[0])];
    const Tensor &recording = graph_.tensor(graph_.inputs[0]);
    const auto grain = std::int64_t{time.grain};
    return part_of(
        recording, time.axis,
        {static_cast<std::int32_t>(begin * grain), static_cast<std::int32_t>((begin + length) * grain)},
        recording_[0]);
  }

  void add(StreamRun run, const std::vector<Bytes> &found) {
    run.mismatched_bytes = differences(expected_, found);
    result_.mismatched_bytes += run.mismatched_bytes;
    result_.runs.push_back(std::move(run));
  }

  Result<void> run_schedule() {
    tell("executing the schedule");
    auto outputs = execute(stream_.schedule(), recording_);
    if (!outputs) return tl::unexpected(outputs.error());
    add({"schedule"}, elements_of(stream_, graph_.outputs[0], (*outputs)[0], result_.outputs));
    return {};
  }

  /// Calls of the emitted program. `hard`: the stream begins after another one, and its state is moved.
  Result<void> run_on(const Profile &profile, const EmittedProgram &program, bool hard) {
    // What is done ahead is counted apart.
    const bool ahead = stream_.schedule().time->before > 0;
    const CallList list = calls_of(frames_, hard ? Pace::hard : ahead ? Pace::ahead : Pace::plain);
    const auto made = run_calls(profile, program, make_stream_feeder(stream_), list.calls, step_);
    if (!made) return tl::unexpected(made.error());
    StreamRun run{profile.name};
    if (made->flash) {
      run.count(step_figures(list, *made, stream_.plan.first_output / stream_.request.hop,
                             static_cast<std::int64_t>(stream_.macs.steps.size())));
      result_.flash = *made->flash;
    }
    add(std::move(run), outputs_of(*made, list.first));
    return {};
  }

  /// A stream of a whole batch and its flush: together all outputs of the batch.
  Result<void> run_to_the_end(const Profile &profile, const EmittedProgram &program) {
    const std::int64_t steps = steps_of_a_batch(stream_);
    if (stream_.ending.left.empty() || steps == 0) return {};
    std::vector<Inference> frames;
    for (std::int64_t s = 0; s < steps; ++s)
      frames.push_back(frames_[static_cast<std::size_t>(s % result_.steps)]);
    const auto all = batch_outputs(stream_, frames, true);
    if (!all) return tl::unexpected(all.error());
    CallList list = calls_of(frames, Pace::plain);
    list.calls.push_back(step_inputs(Feed::flush, frames[0]));
    const auto made = run_calls(profile, program, make_stream_feeder(stream_), list.calls, step_);
    if (!made) return tl::unexpected(made.error());
    result_.flushed = made->outputs.back()[0][0];
    std::vector<Bytes> given = outputs_of(*made, list.first);
    // Where the batch crops its end, steps give what it leaves out; a flush never does.
    if (result_.flushed == 0 && given.size() > all->size()) given.resize(all->size());
    result_.mismatched_bytes += differences(*all, given);
    return {};
  }

  /// What the calls from `first` on have handed out.
  std::vector<Bytes> outputs_of(const StreamCalls &made, std::size_t first) const {
    const std::int64_t bytes = bytes_of_element(stream_, graph_.outputs[0]);
    std::vector<Bytes> outputs;
    for (std::size_t c = first; c < made.outputs.size(); ++c) {
      const TensorBytes &out = made.outputs[c];
      for (std::int64_t due = 0; due < out[0][0]; ++due)
        outputs.emplace_back(out[1].begin() + due * bytes, out[1].begin() + (due + 1) * bytes);
    }
    return outputs;
  }

  const StreamNetwork &stream_;
  const Graph &graph_;
  const Step &step_;
  Inference recording_;
  std::int64_t frame_count_ = 0;
  std::vector<Inference> frames_;  ///< of each step
  std::vector<Bytes> expected_;    ///< outputs
  StreamVerification result_;
};

}  // namespace

Result<StreamVerification> verify_stream(const StreamNetwork &stream, std::uint32_t seed, const Step &step) {
  return Verifier(stream, seed, step).run();
}

}  // namespace thimble::report
